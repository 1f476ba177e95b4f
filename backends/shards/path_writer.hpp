// SPDX-License-Identifier: GPL-3.0-or-later
// Writes an index of paths from pieces, those of earlier indexes and new ones, and puts what is new
// into packs.
#pragma once

#include <filesystem>
#include <vector>

#include "backends/shards/path_lines.hpp"
#include "backends/shards/path_table.hpp"
#include "backends/shards/shards.hpp"

namespace shards {

/// A shard of the index that is being made: one of an earlier index, or new lines.
struct PathPiece {
    PathShard shard;
    PathPart lines;  // empty: as it is in its pack
};
using PathPieces = std::vector<PathPiece>;

/// What the lines of pieces are compressed with.
std::string path_compressor_name();

/// Writes the gzip file; `packs` are those of the pieces that are not new. Puts into `table` of
/// what it was made. Throws Lost.
Written write_pieces(const PathTables& tables, const PathTable& earlier, const PathPacks& packs,
                     const PathPieces& pieces, const std::filesystem::path& gzip, PathTable& table);

}  // namespace shards
