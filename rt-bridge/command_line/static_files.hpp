// SPDX-License-Identifier: GPL-3.0-or-later
// A public tree over HTTP/1.1, for a first look and for tests: files with Range and Last-Modified,
// directories as plain lists. It reads below its root only and follows the tree's own links.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <sys/stat.h>

#include "rt-bridge/server/message.hpp"

namespace command_line {

class StaticFiles {
  public:
    explicit StaticFiles(const std::filesystem::path& root);

    /// Safe from several threads.
    server::Answer answer(const server::Request& request) const;

  private:
    server::Answer found(const server::Request& request) const;
    core::File open_below(const std::filesystem::path& file) const;
    server::Answer list(const std::string& path, const std::filesystem::path& directory) const;

    std::filesystem::path root_;
    mutable std::timed_mutex mutex_;  // one list at a time; of when the next may be made
    mutable std::chrono::steady_clock::time_point next_list_{};
};

}  // namespace command_line
