// SPDX-License-Identifier: GPL-3.0-or-later
// An index by path: which packages have a file (apt's Contents). A change costs the paths of the
// packages that changed, and copying the rest.
//
// All that packages of one name have is one contribution: a path may be in several versions of a
// package and stands once. Contributions of different names have nothing in common, so the next
// index is the one before, less the contributions of the names that changed, plus their new ones:
// no use of a path has to be counted. The sorted lines are cut into shards where paths say so, and
// a shard is kept in the cache under the digest of its text.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "backends/shards/shards.hpp"
#include "core/cache.hpp"
#include "core/repository.hpp"

namespace shards {

/// What a row contributes. Rows of different names have different owners.
struct Contribution {
    std::string owner;  // "net/argus"; no blanks, commas or newlines
    std::string paths;  // a line each, in any order
};

/// Called from several threads; only for rows that changed, if there is a state to start from.
using Contribute = std::function<Contribution(const core::Row&)>;

/// What is known of an earlier state: it is that of now without `added` and with `removed`.
struct Difference {
    const core::Rows& added;
    const core::Rows& removed;
};

/// Writes `gzip`, one line for each path: "path owner,owner\n". Same rows, same bytes, whatever the
/// cache held and whatever was before. Rows are in the order of their paths, those of `difference`
/// too.
Written write_path_index(const core::Cache& cache, const std::string& kind, const core::Rows& rows,
                         const Difference& difference, const Contribute& contribute,
                         const std::filesystem::path& gzip);

}  // namespace shards
