// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a source after at most one decompression, in blocks, with every bound checked on the
// way: total, ratio, one layer only, and that the compressed stream ends where the source ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/reader.hpp"
#include "backends/archive/sniff.hpp"
#include "backends/archive/source.hpp"
#include "backends/archive/stream.hpp"

namespace archive {

class Inflater {
  public:
    /// Borrows `source`. `single`: what follows the first compressed stream is no part of it, as
    /// dpkg takes it. Throws Broken if there is nothing in it, or another compression.
    Inflater(const Source& source, const Limits& limits, bool lzma, bool single = false);
    Inflater(const Inflater&) = delete;  // a decoder may hold a pointer into it
    Inflater& operator=(const Inflater&) = delete;

    /// The next bytes, valid until the following call; empty at the end. Throws Broken.
    std::string_view next_block();

    /// Whether next_block() has met the end.
    bool ended() const { return ended_; }

    /// How the source is compressed; anything that is not a compression: it is handed on as it is.
    Kind kind() const { return kind_; }

  private:
    std::string_view next_plain();
    std::uint64_t consumed() const;
    void check_end();

    const Source& source_;
    Limits limits_;
    Kind kind_;
    std::string buffer_;  // of what is not compressed
    std::uint64_t fed_ = 0;
    std::uint64_t produced_ = 0;
    bool ended_ = false;
    std::string_view first_;  // the first block, when it was looked at but not yet handed out
    std::unique_ptr<Stream> stream_;  // null: it is not compressed
};

}  // namespace archive
