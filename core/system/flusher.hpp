// SPDX-License-Identifier: GPL-3.0-or-later
// What one operation has to have on disk before anybody sees it: the files that it wrote, and the
// directories that got or lost names. A flush of the whole file system would wait for what all
// others write.
#pragma once

#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

#include "core/system/files.hpp"

namespace core {

/// Safe to use from several threads.
class Flusher {
  public:
    /// A file that is written to its end. It is flushed through this descriptor: of a write that
    /// failed the kernel tells only those who had the file open then. If very many are held, they
    /// are flushed in the background; what is met there is thrown by a later call.
    void take(File&& written);

    /// As core::write_file.
    void write_file(const std::filesystem::path& file, std::string_view bytes);

    /// A directory that got or lost names, or may have, in an operation that was cut off before it
    /// flushed them.
    void add(const std::filesystem::path& directory);

    /// The same, where it may be that it was made too: with those that lead to it, below `top`.
    void add(std::filesystem::path directory, const std::filesystem::path& top);

    /// One and all directories below it.
    void add_tree(const std::filesystem::path& directory);

    /// All of them, at once. Throws Error that names what could not be flushed.
    void flush();

  private:
    std::mutex mutex_;
    std::vector<File> files_;
    std::future<void> earlier_;  // of the files before them
    std::set<std::filesystem::path> directories_;
};

}  // namespace core
