// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside the generations, at the URLs that stay: packages and metadata named by its
// content, which only get added, and links through `current`, by which everything else changes with
// one rename.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/system/flusher.hpp"
#include "core/work/backend.hpp"
#include "core/work/plan.hpp"
#include "core/work/publication.hpp"

namespace core {

class StableTree {
  public:
    /// `aside` is an empty directory on the same file system, for what replaces something.
    StableTree(const Depot& depot, const Formats& formats, const Plan& plan,
               std::filesystem::path aside, Flusher& flusher)
        : depot_(depot),
          formats_(formats),
          plan_(plan),
          aside_(std::move(aside)),
          flusher_(flusher) {}

    /// Packages that one directory gets.
    struct NewLinks {
        std::filesystem::path directory;
        std::string_view format;
        Rows rows;
    };

    /// What there is to link. It stands by itself: rows are used up while it is linked.
    std::vector<NewLinks> new_links() const;

    /// The directories of the repositories that the plan composes, and their packages.
    void add_packages(const std::vector<NewLinks>& links) const;

    /// The metadata of a repository that is rendered below `generation`, which follows `before`:
    /// what is named by its content is there, and the rest leads through `current`.
    void add_metadata(const Rendered& rendered, const State& before,
                      const std::filesystem::path& generation) const;

    /// Puts superseded metadata back that somebody took away, from the generations that have it.
    void mend_superseded(const State& before) const;

    /// Packages that wait for gc and were copied are links again.
    void mend_copies() const;

    /// Links to keys and client files, by the paths of these in the generation.
    void offer_handed_out(const std::set<std::string>& client_files, const State& before) const;

  private:
    void create(const Repository& repository) const;
    const Format& format_of(const Repository& repository) const;
    Rows unlinked(const Rows& rows, const std::filesystem::path& stable,
                  std::string_view format) const;
    void make(const NewLinks& links) const;
    void open_metadata(const std::string& directory, const Rendered& rendered,
                       const State& before) const;

    void open(const std::filesystem::path& directory) const;
    std::filesystem::path new_name_aside() const;
    void hard_link_over(const std::filesystem::path& from, const std::filesystem::path& to) const;
    void symlink_over(const std::filesystem::path& link, const std::filesystem::path& target) const;

    const Depot& depot_;
    const Formats& formats_;
    const Plan& plan_;
    const std::filesystem::path aside_;
    Flusher& flusher_;
    mutable std::atomic<unsigned> names_{0};
    mutable std::mutex making_;
};

}  // namespace core
