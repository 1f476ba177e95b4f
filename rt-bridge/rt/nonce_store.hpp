// SPDX-License-Identifier: GPL-3.0-or-later
// What was received once and must not be accepted again: a file with one line per nonce, kept for
// as long as its timestamp would be accepted. It outlives the process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "core/clock.hpp"

namespace rt {

class NonceStore {
  public:
    /// Reads the file, which may be missing or end in a torn line. `keep`: for how long.
    NonceStore(std::filesystem::path file, const core::Clock& clock, std::chrono::seconds keep);

    /// True if the nonce is new; it is on disk when this returns. Safe from several threads.
    bool add(const std::string& nonce);

    std::size_t size() const;

  private:
    void forget(core::Time now);
    void rewrite() const;

    std::filesystem::path file_;
    const core::Clock& clock_;
    std::chrono::seconds keep_;
    mutable std::mutex mutex_;
    std::map<std::string, core::Time> seen_;
    std::size_t lines_ = 0;  // in the file
};

}  // namespace rt
