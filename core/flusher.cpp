// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/flusher.hpp"

#include <utility>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_held = 64;  // open files

/// Threads that wait for the disk, which confirms what they ask for together.
constexpr std::size_t width = 16;

void flush_files(std::vector<File> files) {
    parallel_for(
        files.size(),
        [&](std::size_t i) {
            files[i].sync();
            files[i].close();
        },
        width);
}

}  // namespace

void Flusher::take(File&& written) {
    std::vector<File> full;
    {
        const std::lock_guard lock(mutex_);
        files_.push_back(std::move(written));
        if (files_.size() == most_held) full = std::exchange(files_, {});
    }
    flush_files(std::move(full));
}

void Flusher::write_file(const fs::path& file, std::string_view bytes) {
    take(written_file(file, bytes));
}

void Flusher::add(const fs::path& directory) {
    const std::lock_guard lock(mutex_);
    directories_.insert(directory);
}

void Flusher::add(fs::path directory, const fs::path& top) {
    for (; directory != top; directory = directory.parent_path()) add(directory);
    add(top);
}

void Flusher::add_tree(const fs::path& directory) {
    add(directory);
    for (const Entry& entry : entries(directory)) {
        if (entry.kind == Kind::directory) add_tree(entry.path);
    }
}

void Flusher::flush() {
    const std::lock_guard lock(mutex_);
    flush_files(std::exchange(files_, {}));
    const std::vector<fs::path> directories(directories_.begin(), directories_.end());
    directories_.clear();
    parallel_for(
        directories.size(), [&](std::size_t i) { sync_directory(directories[i]); }, width);
}

}  // namespace core
