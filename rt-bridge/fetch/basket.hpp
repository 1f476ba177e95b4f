// SPDX-License-Identifier: GPL-3.0-or-later
// The directory that is being filled, and the bounds of filling it. Private to this folder.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "core/model/error.hpp"
#include "rt-bridge/fetch/content.hpp"
#include "rt-bridge/fetch/fetcher.hpp"
#include "rt-bridge/fetch/index_cell.hpp"

namespace fetch {

core::Refused refused(const http::Failure& failure);

/// Runs `action`; a Failure that leaves it becomes Refused.
template <class Action>
auto refusing(Action&& action) {
    try {
        return action();
    } catch (const http::Failure& failure) {
        throw refused(failure);
    }
}

class Basket {
  public:
    Basket(http::Client& client, const core::Cells& cells, const Bounds& bounds,
           std::filesystem::path directory);

    /// Downloads a package, archive or descriptor to `name` below the directory (harmless_path
    /// makes it a name of ours; a second one of a name gets a directory of its own).
    void add(const std::string& url, const std::string& name,
             const std::optional<Expected>& expected = std::nullopt);

    /// A small file, into memory; `what` names it in refusals.
    std::string read(const std::string& url, std::uint64_t limit);

    /// nullopt if the server says that there is none.
    std::optional<std::string> read_if_there(const std::string& url, std::uint64_t limit);

    /// An index that another document described, as an open file without a name; nullopt if it is
    /// not what was described, as happens when a repository changes while it is read.
    std::optional<core::File> index(const std::string& url, const Expected& expected);

    /// For the indexes of one source.
    IndexCell index_cell() const;

    /// Names in an ftp directory.
    std::string list(const std::string& url);

    std::size_t files() const { return files_; }
    const std::filesystem::path& directory() const { return directory_; }

    /// The only file of the directory, if it is an archive.
    std::optional<std::filesystem::path> archive() const;

  private:
    std::optional<http::Saved> save_if_there(const std::string& url,
                                             const std::filesystem::path& file,
                                             std::uint64_t limit);
    std::filesystem::path place_for(const std::string& name);
    void check_content(const std::filesystem::path& file, const http::Saved& saved);

    http::Client& client_;
    const core::Cells& cells_;
    Bounds bounds_;
    std::filesystem::path directory_;
    std::set<std::filesystem::path> taken_;
    std::filesystem::path archive_;
    std::size_t files_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace fetch
