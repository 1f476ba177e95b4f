// SPDX-License-Identifier: GPL-3.0-or-later
// Where the shards of an index of paths are. Hundreds of them are kept together in packs, because
// to open a file for each would cost more than all the rest; a change adds one pack with what is
// new. The table of a state is kept under the digest of the rows it was made of, so that the next
// state is made from it. Tables and packs are files of the cache as StoredShard makes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backends/shards/stored_shard.hpp"
#include "core/digest.hpp"
#include "core/repository.hpp"

namespace shards {

struct PathShard {
    std::size_t pack = 0;         // which of the table's
    StoredShard::Section text;    // in the first section of the pack
    StoredShard::Section member;  // the text as a gzip member; in the second
    std::string last;             // its last path
};

struct PathTable {
    std::vector<core::Digest> packs;
    std::vector<PathShard> shards;  // in the order of their paths
};

/// Something that was in the cache is not any more. From nothing the index can be made.
struct Lost {};

/// The packs of a table, open.
class PathPacks {
  public:
    PathPacks() = default;

    /// Throws Lost.
    PathPacks(const std::filesystem::path& directory, const PathTable& table);

    /// In `room`, as StoredShard::read. Throw Lost.
    std::string_view read_text(const PathShard& shard, std::string& room) const;
    std::string_view read_member(const PathShard& shard, std::string& room) const;

  private:
    std::vector<StoredShard> packs_;
};

/// Rows, in their order, of a list that lives longer.
using RowList = std::vector<const core::Row*>;

class PathTables {
  public:
    /// `kind` says what the shards are made of and how.
    PathTables(std::filesystem::path directory, std::string kind);

    /// Names the index that is made of the rows.
    core::Digest state_of(const RowList& rows) const;

    /// Nullopt if there is none, or it is damaged.
    std::optional<PathTable> load(const core::Digest& state) const;
    void save(const core::Digest& state, const PathTable& table) const;

    /// Throws Lost.
    PathPacks packs_of(const PathTable& table) const { return {directory_, table}; }

    /// Returns its name, which depends on the content alone.
    core::Digest save_pack(std::string texts, std::string members) const;

  private:
    std::filesystem::path directory_;
    std::string kind_;
};

}  // namespace shards
