// SPDX-License-Identifier: GPL-3.0-or-later
// Where an archive's bytes come from: a file, memory, or a part of one. Read by position, so that
// several readers can share one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/passage.hpp"
#include "core/system/files.hpp"

namespace archive {

class Source {
  public:
    /// Anything but a regular file is refused; opening never blocks on a FIFO. A small file is read
    /// at once.
    static Source file(const std::filesystem::path& path);

    /// A regular file that is read once, by one reader, from its begin to its end.
    static Source once(const std::filesystem::path& path);
    static Source once(core::File file);

    /// Borrows the bytes.
    static Source memory(std::string_view bytes);

    /// Takes an open regular file.
    static Source opened(core::File file);

    /// A part of this; what goes beyond its end is cut there.
    Source part(std::uint64_t offset, std::uint64_t length) const;

    std::uint64_t size() const { return size_; }

    /// Up to `size` bytes from `position`; fewer only at the end.
    std::size_t read_at(std::uint64_t position, char* buffer, std::size_t size) const;
    std::string text_at(std::uint64_t position, std::size_t size) const;

    /// Of the file that is read once: the SHA-256 of all its bytes, those that were read and those
    /// that are left.
    core::Digest digest() const { return passage_->digest(); }

  private:
    std::shared_ptr<const core::File> file_;    // null: memory, or a passage
    std::shared_ptr<Passage> passage_;          // null: it may be read in any order
    std::shared_ptr<const std::string> whole_;  // a small file
    std::string_view bytes_;
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;
};

}  // namespace archive
