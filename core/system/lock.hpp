// SPDX-License-Identifier: GPL-3.0-or-later
// Exclusion that dies with its holder: kernel locks on open files, nothing to clean up after a
// crash.
#pragma once

#include <filesystem>
#include <optional>

#include "core/system/files.hpp"

namespace core {

/// Holds the depot for one writer.
class Lock {
  public:
    /// Waits until the lock is free.
    static Lock wait(const std::filesystem::path& file);

    /// Nothing if another process holds it.
    static std::optional<Lock> try_now(const std::filesystem::path& file);

  private:
    explicit Lock(File file) : file_(std::move(file)) {}

    File file_;
};

/// A scratch directory below work/, removed by the destructor. One that a dead process left behind
/// is told by its lock and removed by sweep().
class Scratch {
  public:
    explicit Scratch(const std::filesystem::path& work);
    ~Scratch();
    Scratch(Scratch&& other) noexcept;
    Scratch& operator=(Scratch&&) = delete;

    const std::filesystem::path& directory() const { return directory_; }

    /// Removes every entry of `work` that no living process holds.
    static void sweep(const std::filesystem::path& work);

  private:
    std::filesystem::path directory_;
    File held_;
};

}  // namespace core
