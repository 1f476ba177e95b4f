// SPDX-License-Identifier: GPL-3.0-or-later
// One compressed stream, read in blocks. libarchive has filters for them too; but they give a
// decoder whatever memory the stream asks for, and cannot be told that only one stream may be
// there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/sniff.hpp"
#include "backends/archive/source.hpp"

namespace archive {

class Stream {
  public:
    virtual ~Stream() = default;

    /// The next bytes, valid until the following call; empty at the end, which is where the last
    /// whole stream ends. Throws Broken.
    virtual std::string_view next_block() = 0;

    /// How many bytes of the source were used up.
    virtual std::uint64_t consumed() const = 0;
};

struct StreamBounds {
    std::uint64_t dictionary = 0;  // bytes of memory that the decoder may take
    bool single = false;           // what follows the first stream is not read
};

/// What decodes `kind`, a compression; borrows `source`.
std::unique_ptr<Stream> open_stream(Kind kind, const Source& source, const StreamBounds& bounds);

// The single ones. bzip2 never takes more than 4 MB, gzip 32 kB.
std::unique_ptr<Stream> open_lzma(Kind kind, const Source& source, const StreamBounds& bounds);
std::unique_ptr<Stream> open_zstd(const Source& source, const StreamBounds& bounds);
std::unique_ptr<Stream> open_bzip2(const Source& source, const StreamBounds& bounds);

/// The source in blocks, for decoders.
class StreamInput {
  public:
    explicit StreamInput(const Source& source);

    /// The next block, valid until the following call; empty at the end.
    std::string_view next();

    std::uint64_t fed() const { return fed_; }

  private:
    const Source& source_;
    std::string buffer_;
    std::uint64_t fed_ = 0;
};

inline constexpr std::size_t stream_block_size = 256 * 1024;  // of what comes out

[[noreturn]] void stream_cut_short();
[[noreturn]] void stream_damaged(std::string_view reason);

/// `wanted`: 0 if it is not known.
[[noreturn]] void dictionary_too_large(std::uint64_t wanted, std::uint64_t limit);

}  // namespace archive
