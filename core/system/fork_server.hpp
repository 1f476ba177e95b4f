// SPDX-License-Identifier: GPL-3.0-or-later
// The process that makes cells: the other side of cells.hpp.
#pragma once

#include "core/system/cells.hpp"

namespace core {

/// Serves orders until `orders` is closed. Never returns to the code that was forked.
///
///   "start MEMORY FILE TASK…", with the cell's end of a channel   "PID", or "!" and why not
///   "end PID"                                                     ""
[[noreturn]] void serve_forks(const Channel& orders, const CellTasks& tasks) noexcept;

}  // namespace core
