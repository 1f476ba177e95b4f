// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of an audit share: what is looked at, and what was found.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/work/commit.hpp"
#include "core/work/release_rows.hpp"

namespace core {

struct Finding {
    std::string path;  // below the depot
    std::string message;

    bool operator==(const Finding&) const = default;
};

class Findings {
  public:
    explicit Findings(std::filesystem::path root) : root_(std::move(root)) {}

    /// May be called from several threads.
    void report(const std::filesystem::path& path, std::string message);

    /// Runs a step that may find a file unreadable or damaged.
    template <class Step>
    void attempt(const std::filesystem::path& path, Step&& step) {
        try {
            step();
        } catch (const std::exception& error) {
            report(path, error.what());
        }
    }

    std::vector<Finding> in_order();

  private:
    const std::filesystem::path root_;
    std::mutex mutex_;
    std::vector<Finding> findings_;
};

struct Audit {
    Depot& depot;
    const Collaborators& collaborators;
    Findings& findings;
    State state;  // what is published
    const RepositoryRows rows{depot, collaborators.formats, state};

    std::filesystem::path generation() const { return depot.layout.generation(state.generation); }
    const Backend& backend_of(const Repository& repository) const;
};

/// A file that is there itself, not by a link.
bool is_own_file(const std::filesystem::path& path);

/// Reports a file that is made of nothing but the configuration and the state, and is not that.
void expect_text(Findings& findings, const std::filesystem::path& file, const std::string& text);

/// What `sluice refresh` puts right is told with it.
inline constexpr std::string_view mended_by_refresh = "; `sluice refresh` mends it";

/// Reports a link that does not lead to `target`.
void expect_link(Findings& findings, const std::filesystem::path& link, const std::string& target,
                 std::string_view remedy = {});

}  // namespace core
