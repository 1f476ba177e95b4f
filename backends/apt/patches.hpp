// SPDX-License-Identifier: GPL-3.0-or-later
// The patches of a Packages index on disk: those that the generation before offered, linked, and
// the one that leads to the new state, written from what is known to have come and gone.
//
// Nothing here can make a client wrong. Where no patch can be made, or those of the generation
// before are missing or damaged, clients fetch the whole file; and apt takes what a patch leads to
// only if it has the digest that Release lists. Only a disk that does not answer ends the commit.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/apt/pdiff.hpp"
#include "backends/shards/shards.hpp"
#include "core/work/backend.hpp"

namespace apt {

/// A suite's directory in the generation before.
class EarlierSuite {
  public:
    /// If there is none, or its Release is none: as if it was empty.
    EarlierSuite(const core::Predecessor& before, const std::string& suite);

    /// What its Release lists under a path below the directory.
    std::optional<Content> find(const std::string& path) const;

    std::filesystem::path file(const std::string& path) const { return directory_ / path; }

  private:
    std::filesystem::path directory_;
    std::map<std::string, Content> listed_;
};

/// The new state of an index, and how it came from the one before.
struct IndexState {
    std::string name;  // "main/binary-amd64"
    const core::Rows& rows;
    const shards::Written& written;  // of Packages, with the lines of its rows
    const core::Rows& added;
    const core::Rows& removed;
    const std::function<std::string(const core::Row&)>& entry;  // the text of a row
};

/// Paths are below the suite's directory.
struct WrittenPatches {
    std::optional<Content> index;     // of <name>/Packages.diff/Index; nothing is offered without
    std::vector<std::string> files;   // the patches
    std::vector<core::File> written;  // all that is new, still open
};

/// Fills <name>/Packages.diff below `suite`; what is made anew is named after `generation`.
WrittenPatches write_patches(const EarlierSuite& earlier, const IndexState& state,
                             std::uint64_t generation, const std::filesystem::path& suite);

}  // namespace apt
