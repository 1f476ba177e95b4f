// SPDX-License-Identifier: GPL-3.0-or-later
// A GnuPG home that lives as long as this object. GnuPG is configured in it so that no agent is
// ever started: there is nothing to end, and none can be left behind.
#pragma once

#include <chrono>
#include <filesystem>

namespace signing {

class TemporaryHome {
  public:
    /// `patience` bounds the run of gpgconf that its end may take.
    TemporaryHome(const std::filesystem::path& scratch, std::chrono::milliseconds patience);
    ~TemporaryHome();
    TemporaryHome(const TemporaryHome&) = delete;
    TemporaryHome& operator=(const TemporaryHome&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    std::chrono::milliseconds patience_;
};

}  // namespace signing
