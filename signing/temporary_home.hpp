// SPDX-License-Identifier: GPL-3.0-or-later
// A directory, or a GnuPG home, that lives as long as this object. GnuPG is configured in the home
// so that no agent is ever started: there is nothing to end, and none can be left behind.
#pragma once

#include <chrono>
#include <filesystem>

namespace signing {

/// For its maker alone (mode 0700).
class TemporaryDirectory {
  public:
    explicit TemporaryDirectory(const std::filesystem::path& scratch);
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class TemporaryHome {
  public:
    /// `patience` bounds the run of gpgconf that its end may take.
    TemporaryHome(const std::filesystem::path& scratch, std::chrono::milliseconds patience);
    ~TemporaryHome();
    TemporaryHome(const TemporaryHome&) = delete;
    TemporaryHome& operator=(const TemporaryHome&) = delete;

    const std::filesystem::path& path() const { return directory_.path(); }

  private:
    TemporaryDirectory directory_;
    std::chrono::milliseconds patience_;
};

}  // namespace signing
