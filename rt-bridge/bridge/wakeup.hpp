// SPDX-License-Identifier: GPL-3.0-or-later
// What the main thread sleeps on: a hint from another thread, or the wish that the process ends.
#pragma once

#include <chrono>

#include "core/system/files.hpp"

namespace bridge {

class Wakeup {
  public:
    /// Takes over SIGINT and SIGTERM until it is destroyed; there can be one at a time. Threads
    /// that start later do not get these signals if they are made between block() and unblock().
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    static void block_signals();
    static void unblock_signals();

    /// From any thread.
    void wake();

    /// Returns early when woken or told to stop; says whether it was.
    bool sleep(std::chrono::milliseconds time);

    bool stopping() const;

  private:
    core::File reading_;
    core::File writing_;
};

}  // namespace bridge
