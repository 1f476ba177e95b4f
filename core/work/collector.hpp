// SPDX-License-Identifier: GPL-3.0-or-later
// The collector: removes what no client can need any more. Grace times are the configuration's.
//
//   generations   whose successor is older than keep.generations_hours and keep.metadata_hours;
//   what
//                 is left of them are the directories that others lead to
//   metadata      beside the stable URLs, that no generation has any more
//   packages      beside the stable URLs, that no index names and no release has named there for
//                 keep.packages_hours
//   repositories  of one release, that long after they were closed, if no generation has them
//   pool          files that no record names (an admission that was cut off)
//   cache         what nobody used for 31 days; fragments of packages that no record names
//   public/       links and packages of ours where no repository is any more, links to mirror
//                 lists without a public URL, links that were about to be renamed, and directories
//                 that are empty
//
// Records, the ledger and what people put into the depot stay.
// Nothing is collected while an intent has no outcome; opening the depot settles that first.
#pragma once

#include <cstddef>

#include "core/store/depot.hpp"
#include "core/work/backend.hpp"

namespace core {

struct Collected {
    std::size_t generations = 0;
    std::size_t metadata = 0;
    std::size_t packages = 0;
    std::size_t repositories = 0;
    std::size_t pool_files = 0;
};

/// Needs the lock. With `dry_run` it counts and removes nothing.
Collected collect(Depot& depot, const Formats& formats, Time now, bool dry_run);

}  // namespace core
