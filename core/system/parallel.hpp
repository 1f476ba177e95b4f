// SPDX-License-Identifier: GPL-3.0-or-later
// Independent pieces of work on all cores.
#pragma once

#include <cstddef>
#include <functional>

namespace core {

/// As many threads as there are processors.
std::size_t parallel_width();

/// Calls `work(0)` … `work(count - 1)`, each once, from several threads and in any order; returns
/// when all are done. After an exception no further piece is begun; when those that were have
/// ended, that of the lowest piece is thrown again here: the one a single thread would have met.
/// `width` threads do it, unless there are fewer pieces.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work,
                  std::size_t width = parallel_width());

}  // namespace core
