// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <bit>
#include <new>
#include <string>
#include <zstd.h>
#include <zstd_errors.h>

#include "backends/archive/stream.hpp"

namespace archive {
namespace {

struct ContextCloser {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdStream : public Stream {
  public:
    ZstdStream(const Source& source, const StreamBounds& bounds)
        : input_(source),
          bounds_(bounds),
          buffer_(stream_block_size, '\0'),
          context_(ZSTD_createDCtx()) {
        if (!context_) throw std::bad_alloc();
        // Windows are bounded in powers of two.
        const auto range = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
        const int largest = static_cast<int>(std::bit_width(bounds.dictionary)) - 1;
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax,
                               std::clamp(largest, range.lowerBound, range.upperBound));
    }

    std::string_view next_block() override {
        ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
        while (out.pos < out.size && !ended_) step(out);
        return std::string_view(buffer_).substr(0, out.pos);
    }

    std::uint64_t consumed() const override { return input_.fed() - (in_.size - in_.pos); }

  private:
    void step(ZSTD_outBuffer& out) {
        if (in_.pos == in_.size) {
            const std::string_view block = input_.next();
            in_ = {block.data(), block.size(), 0};
        }
        const bool dry = in_.size == 0;
        if (frame_ended_ && (dry || bounds_.single)) {
            ended_ = true;
            return;
        }
        const std::size_t before = out.pos;
        const std::size_t status = ZSTD_decompressStream(context_.get(), &out, &in_);
        if (ZSTD_isError(status)) fail(status);
        frame_ended_ = status == 0;
        if (dry && !frame_ended_ && out.pos == before) stream_cut_short();
    }

    [[noreturn]] void fail(std::size_t status) const {
        switch (ZSTD_getErrorCode(status)) {
            case ZSTD_error_memory_allocation:
                throw std::bad_alloc();
            case ZSTD_error_frameParameter_windowTooLarge:
                dictionary_too_large(0, bounds_.dictionary);
            default:
                stream_damaged(ZSTD_getErrorName(status));
        }
    }

    StreamInput input_;
    StreamBounds bounds_;
    std::string buffer_;
    std::unique_ptr<ZSTD_DCtx, ContextCloser> context_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    bool frame_ended_ = false;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> open_zstd(const Source& source, const StreamBounds& bounds) {
    return std::make_unique<ZstdStream>(source, bounds);
}

}  // namespace archive
