// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace core {

std::size_t parallel_width() {
    return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work,
                  std::size_t width) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::size_t failed = count;
    std::mutex failure_mutex;
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                work(i);
            } catch (...) {
                const std::lock_guard lock(failure_mutex);
                if (i < failed) {
                    failure = std::current_exception();
                    failed = i;
                }
                next = count;
            }
        }
    };
    std::vector<std::jthread> helpers;
    try {
        for (std::size_t i = 1; i < std::min(width, count); ++i) helpers.emplace_back(run);
    } catch (const std::system_error&) {
        // Fewer threads do the work as well.
    }
    run();
    helpers.clear();  // joins
    if (failure) std::rethrow_exception(failure);
}

}  // namespace core
