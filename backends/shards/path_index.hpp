// SPDX-License-Identifier: GPL-3.0-or-later
// An index by path: which packages have a file (apt's Contents). It is made from the packages'
// lists each time: to put them in order is cheaper than to keep what an earlier state had.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "backends/shards/shards.hpp"
#include "core/model/repository.hpp"

namespace shards {

/// What a row contributes.
struct Contribution {
    std::string owner;  // "net/argus"; no blanks, commas or newlines
    std::string paths;  // a line each, in any order
};

/// Called from several threads.
using Contribute = std::function<Contribution(const core::Row&)>;

/// Writes `gzip`, one line for each path: "path owner,owner\n". Same rows, in any order, same
/// bytes.
Written write_path_index(const core::Rows& rows, const Contribute& contribute,
                         const std::filesystem::path& gzip);

}  // namespace shards
