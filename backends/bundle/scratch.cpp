// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/scratch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace bundle {
namespace fs = std::filesystem;

Scratch::Scratch(fs::path directory, core::Flusher& flusher)
    : directory_(std::move(directory)), flusher_(flusher) {}

Scratch::~Scratch() {
    std::error_code ignored;
    for (const std::string& file : files_) fs::remove(file, ignored);
    for (const fs::path& directory : directories_) fs::remove(directory, ignored);
}

fs::path Scratch::new_name() {
    const std::lock_guard lock(mutex_);
    const std::size_t place = number_ % most_directories;
    if (place == directories_.size()) {
        const fs::path made = directory_ / fmt::format("received-{:x}", place);
        if (::mkdir(made.c_str(), 0700) != 0) {
            throw core::system_error("cannot create " + made.string());
        }
        directories_.push_back(made);
    }
    return *files_.insert(fmt::format("{}/{:06}", directories_[place].native(), ++number_)).first;
}

Scratch::Written Scratch::write(const std::function<void(const Sink&)>& fill) {
    Written written;
    core::File file;
    core::Hasher hasher;
    const Sink append = [&](std::string_view block) {
        if (block.empty()) return;
        if (written.file.empty()) {
            written.file = new_name();
            file = core::File::create(written.file, 0600);
        }
        core::with_context(written.file.string(), [&] { file.write(block); });
        hasher.update(block);
        written.size += block.size();
    };
    try {
        fill(append);
    } catch (...) {
        remove(written.file);
        throw;
    }
    if (written.size > 0) flusher_.take(std::move(file));
    written.digest = hasher.finish();
    return written;
}

Scratch::Opened Scratch::create() {
    Opened opened{new_name(), {}};
    opened.file = core::File::create(opened.path, 0600);
    return opened;
}

Scratch::Written Scratch::take_in(const fs::path& file, const Sink& sink) {
    Written written;
    core::File open = core::File::open_to_write(file);
    core::Hasher hasher;
    std::string buffer(256u << 10, '\0');
    while (const std::size_t got = open.read(buffer.data(), buffer.size())) {
        const std::string_view block = std::string_view(buffer).substr(0, got);
        hasher.update(block);
        sink(block);
        written.size += got;
    }
    written.digest = hasher.finish();
    if (written.size == 0) {
        remove(file);
        return written;
    }
    written.file = file;
    flusher_.take(std::move(open));
    return written;
}

void Scratch::remove(const fs::path& file) {
    if (file.empty()) return;
    std::error_code error;
    fs::remove(file, error);
    if (error) throw core::Error("cannot remove " + file.string() + ": " + error.message());
    const std::lock_guard lock(mutex_);
    files_.erase(file.native());
}

void Scratch::hand_over() {
    files_.clear();
    std::error_code not_empty;
    for (const fs::path& directory : directories_) fs::remove(directory, not_empty);
    directories_.clear();
}

}  // namespace bundle
