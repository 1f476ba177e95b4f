// SPDX-License-Identifier: GPL-3.0-or-later
// librpm and libcreaterepo_c keep state of the whole process: who calls them takes turns, and all
// that they would look for on the machine is found before a package is read.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace yum {

/// Loads and initialises them, which the first package would do else. After that they open no file
/// by its name.
void prepare_libraries();

/// Whoever calls librpm holds this lock.
std::unique_lock<std::mutex> lock_libraries();

/// What librpm logs while this lives, line by line; else nobody hears it. Lines come from hostile
/// bytes. The lock is held meanwhile.
class RpmLog {
  public:
    RpmLog();
    ~RpmLog();
    RpmLog(const RpmLog&) = delete;
    RpmLog& operator=(const RpmLog&) = delete;

    const std::vector<std::string>& lines() const { return lines_; }

    /// False if there were more than anybody needs, and the rest was not kept.
    bool whole() const;

  private:
    std::vector<std::string> lines_;
    int mask_ = 0;
};

}  // namespace yum
