// SPDX-License-Identifier: GPL-3.0-or-later
// Recovery: what opening a depot settles. A crash leaves at most: a torn ledger line, scratch, and
// an intent without an outcome, with the generation or the admission it was about to bring. All are
// settled by looking at where `current` points; there is no repair command. Everything here needs
// the lock.
#pragma once

#include <cstddef>

#include "core/store/depot.hpp"

namespace core {

/// Every step may be cut off and is then done again by the next one who opens.
void recover(Depot& depot, const Clock& clock);

/// Removes what an operation left that was not committed. May be cut off and done again.
void undo(Depot& depot, const Operation& operation);

/// Removes files of the pool that no record names, and their links beside the stable URLs.
/// Returns how many; with `dry_run` it only counts.
std::size_t sweep_pool(Depot& depot, bool dry_run = false);

}  // namespace core
