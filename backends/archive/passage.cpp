// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/passage.hpp"

#include <algorithm>
#include <utility>

#include "core/model/error.hpp"

namespace archive {
namespace {

constexpr std::size_t block_size = 256u << 10;

}  // namespace

Passage::Passage(core::File file) : file_(std::move(file)) {}

std::size_t Passage::read_at(std::uint64_t position, char* buffer, std::size_t size) {
    std::size_t filled = 0;
    while (filled < size) {
        const std::uint64_t at = position + filled;
        if (at >= end_) {
            if (!read_block()) break;
            continue;
        }
        const Block& block = at < blocks_[1].begin ? blocks_[0] : blocks_[1];
        if (at < block.begin) throw core::Error("a file that is read once was to be read again");
        filled += block.bytes.copy(buffer + filled, size - filled,
                                   static_cast<std::size_t>(at - block.begin));
    }
    return filled;
}

core::Digest Passage::digest() {
    while (read_block()) {
    }
    return hasher_.finish();
}

/// False at the end of the file.
bool Passage::read_block() {
    std::string bytes = std::move(blocks_[0].bytes);
    bytes.resize(block_size);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const std::size_t got = file_.read(bytes.data() + filled, bytes.size() - filled);
        if (got == 0) break;
        filled += got;
    }
    bytes.resize(filled);
    if (bytes.empty()) return false;
    hasher_.update(bytes);
    blocks_[0] = std::move(blocks_[1]);
    blocks_[1] = {end_, std::move(bytes)};
    end_ += filled;
    return true;
}

}  // namespace archive
