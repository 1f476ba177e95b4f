// SPDX-License-Identifier: GPL-3.0-or-later
// xz, and what was before it, by liblzma.
#include <lzma.h>
#include <new>
#include <string>

#include "backends/archive/stream.hpp"

namespace archive {
namespace {

/// What the decoder takes beside the dictionary.
constexpr std::uint64_t own_memory = 1u << 20;

class LzmaStream : public Stream {
  public:
    LzmaStream(Kind kind, const Source& source, const StreamBounds& bounds)
        : input_(source), bounds_(bounds), buffer_(stream_block_size, '\0') {
        const std::uint64_t memory = bounds.dictionary + own_memory;
        const lzma_ret status =
            kind == Kind::lzma
                ? lzma_alone_decoder(&stream_, memory)
                : lzma_stream_decoder(&stream_, memory, bounds.single ? 0 : LZMA_CONCATENATED);
        if (status != LZMA_OK) throw std::bad_alloc();
    }
    ~LzmaStream() override { lzma_end(&stream_); }
    LzmaStream(const LzmaStream&) = delete;
    LzmaStream& operator=(const LzmaStream&) = delete;

    std::string_view next_block() override {
        stream_.next_out = reinterpret_cast<std::uint8_t*>(buffer_.data());
        stream_.avail_out = buffer_.size();
        while (stream_.avail_out > 0 && !ended_) step();
        return std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out);
    }

    std::uint64_t consumed() const override { return input_.fed() - stream_.avail_in; }

  private:
    void step() {
        if (stream_.avail_in == 0 && !dry_) {
            const std::string_view block = input_.next();
            stream_.next_in = reinterpret_cast<const std::uint8_t*>(block.data());
            stream_.avail_in = block.size();
            dry_ = block.empty();
        }
        switch (lzma_code(&stream_, dry_ ? LZMA_FINISH : LZMA_RUN)) {
            case LZMA_OK:
                return;
            case LZMA_STREAM_END:
                ended_ = true;
                return;
            case LZMA_MEM_ERROR:
                throw std::bad_alloc();
            case LZMA_MEMLIMIT_ERROR:
                dictionary_too_large(lzma_memusage(&stream_) - own_memory, bounds_.dictionary);
            case LZMA_BUF_ERROR:
                stream_cut_short();
            case LZMA_FORMAT_ERROR:
            case LZMA_OPTIONS_ERROR:
                stream_damaged("its header is none of xz");
            default:
                stream_damaged("its data does not fit its checksums");
        }
    }

    StreamInput input_;
    StreamBounds bounds_;
    std::string buffer_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool dry_ = false;  // the source has no more
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> open_lzma(Kind kind, const Source& source, const StreamBounds& bounds) {
    return std::make_unique<LzmaStream>(kind, source, bounds);
}

}  // namespace archive
