// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a source after at most one decompression, in blocks, with every bound checked on the
// way: total, ratio, one layer only, and that the compressed stream ends where the source ends.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/libarchive.hpp"
#include "backends/archive/reader.hpp"
#include "backends/archive/sniff.hpp"
#include "backends/archive/source.hpp"
#include "backends/archive/zlib_stream.hpp"

namespace archive {

class Inflater {
  public:
    /// Borrows `source`. Throws Broken if there is nothing in it, or another compression.
    Inflater(const Source& source, const Limits& limits, bool lzma);
    Inflater(const Inflater&) = delete;  // libarchive holds a pointer to it
    Inflater& operator=(const Inflater&) = delete;

    /// The next bytes, valid until the following call; empty at the end. Throws Broken.
    std::string_view next_block();

    /// Whether next_block() has met the end.
    bool ended() const { return ended_; }

    /// How the source is compressed; anything that is not a compression: it is handed on as it is.
    Kind kind() const { return kind_; }

  private:
    void open_filter();
    std::string_view next_inflated();
    std::string_view next_plain();
    std::uint64_t consumed() const;
    void check_end();
    [[noreturn]] void fail();
    [[noreturn]] static void nested();

    static la_ssize_t feed(libarchive_handle* handle, void* self, const void** buffer);

    const Source& source_;
    Limits limits_;
    Kind kind_;
    std::string buffer_;
    std::uint64_t fed_ = 0;
    std::uint64_t produced_ = 0;
    bool ended_ = false;
    std::string_view first_;      // the first block, when it was looked at but not yet handed out
    std::exception_ptr failure_;  // of feed: nothing may be thrown through libarchive
    Handle handle_;               // xz, zstd, bzip2, lzma
    std::unique_ptr<ZlibStream> zlib_;
};

}  // namespace archive
