// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that fails: the system calls of this program go through here on their way to the kernel.
#pragma once

#include <atomic>
#include <string>

namespace core_test {

/// While it lives, calls of one name on a path with a certain end fail: so many, after the first
/// few. The last one counts where several would.
class Fault {
  public:
    Fault(std::string call, std::string end_of_path, int reason, int times = 1, int skip = 0);
    ~Fault();
    Fault(const Fault&) = delete;
    Fault& operator=(const Fault&) = delete;

    /// How often it was met so far, with those that did not fail.
    int met() const { return met_; }

    bool meets(const char* call, const char* path);
    int reason() const { return reason_; }
    Fault* outer() const { return outer_; }

  private:
    Fault* const outer_;
    const std::string call_;
    const std::string end_;
    const int reason_;
    const int times_;
    const int skip_;
    std::atomic<int> met_ = 0;
};

}  // namespace core_test
