// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/flusher.hpp"

#include <fcntl.h>
#include <utility>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_held = 128;  // open files; as many are being flushed

/// Threads that wait for the disk, which confirms what they ask for together.
constexpr std::size_t width = 16;

void flush_file(File& file) {
    file.sync();
    file.close();
}

/// Then they have their places on the disk, and one commit of the file system's journal is for all.
/// Of what fails here sync() tells.
void begin_writing(const std::vector<File>& files) {
    for (const File& file : files) {
        ::sync_file_range(file.descriptor(), 0, 0, SYNC_FILE_RANGE_WRITE);
    }
}

}  // namespace

void Flusher::take(File&& written) {
    const std::lock_guard lock(mutex_);
    files_.push_back(std::move(written));
    if (files_.size() < most_held) return;
    if (earlier_.valid()) earlier_.get();
    earlier_ = std::async(std::launch::async, [files = std::exchange(files_, {})]() mutable {
        begin_writing(files);
        parallel_for(
            files.size(), [&](std::size_t i) { flush_file(files[i]); }, width);
    });
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
}

void Flusher::add_tree(const fs::path& directory) {
    add(directory);
    for (const Entry& entry : entries(directory)) {
        if (entry.kind == Kind::directory) add_tree(entry.path);
    }
}

void Flusher::flush() {
    const std::lock_guard lock(mutex_);
    if (earlier_.valid()) earlier_.get();
    std::vector<File> files = std::exchange(files_, {});
    const std::vector<fs::path> directories(directories_.begin(), directories_.end());
    directories_.clear();
    begin_writing(files);
    const auto flush_one = [&](std::size_t i) {
        if (i < files.size()) return flush_file(files[i]);
        sync_directory(directories[i - files.size()]);
    };
    parallel_for(files.size() + directories.size(), flush_one, width);
}

}  // namespace core
