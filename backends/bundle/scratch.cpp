// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/scratch.hpp"

#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"

namespace bundle {
namespace fs = std::filesystem;

Scratch::Scratch(fs::path directory) : directory_(std::move(directory)) {}

Scratch::~Scratch() {
    std::error_code ignored;
    for (const fs::path& file : files_) fs::remove(file, ignored);
}

fs::path Scratch::new_name() {
    const std::lock_guard lock(mutex_);
    return *files_.insert(directory_ / fmt::format("received-{:06}", ++number_)).first;
}

Scratch::Written Scratch::write(const std::function<void(const Sink&)>& fill) {
    Written written;
    core::File file;
    core::Hasher hasher;
    fill([&](std::string_view block) {
        if (block.empty()) return;
        if (written.file.empty()) {
            written.file = new_name();
            file = core::File::create(written.file, 0600);
        }
        core::with_context(written.file.string(), [&] { file.write(block); });
        hasher.update(block);
        written.size += block.size();
    });
    if (written.size > 0) core::with_context(written.file.string(), [&] { file.close(); });
    written.digest = hasher.finish();
    return written;
}

void Scratch::remove(const fs::path& file) {
    if (file.empty()) return;
    std::error_code error;
    fs::remove(file, error);
    if (error) throw core::Error("cannot remove " + file.string() + ": " + error.message());
    files_.erase(file);
}

void Scratch::hand_over() {
    files_.clear();
}

}  // namespace bundle
