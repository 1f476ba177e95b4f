// SPDX-License-Identifier: GPL-3.0-or-later
// Work on hostile files in processes of their own: a parser that crashes, hangs or eats memory
// takes its worker with it, never the one who asked. Also how such work gets on all cores, because
// the libraries involved keep process-global state.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace core {

struct WorkerLimits {
    std::uint64_t memory = std::uint64_t{2} << 30;  // bytes of address space beyond the parent's
    std::chrono::seconds time{300};                 // for one item
};

struct WorkerResult {
    bool finished = false;  // false: the worker died or ran out of time on this item
    std::string value;      // what `work` returned
};

/// Calls `work(i)` for each i below `count` in forked processes and returns what it returned, in
/// order. `work` must not throw. Calls `progress(done)` in this process after each item. Throws
/// Error if no process can be made. Not while other threads of this process hold locks that `work`
/// needs.
std::vector<WorkerResult> run_in_workers(std::size_t count,
                                         const std::function<std::string(std::size_t)>& work,
                                         const WorkerLimits& limits,
                                         const std::function<void(std::size_t)>& progress);

}  // namespace core
