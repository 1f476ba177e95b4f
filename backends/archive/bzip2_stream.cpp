// SPDX-License-Identifier: GPL-3.0-or-later
#include <bzlib.h>
#include <new>
#include <string>

#include "backends/archive/stream.hpp"

namespace archive {
namespace {

class Bzip2Stream : public Stream {
  public:
    Bzip2Stream(const Source& source, const StreamBounds& bounds)
        : input_(source), single_(bounds.single), buffer_(stream_block_size, '\0') {
        begin();
    }
    ~Bzip2Stream() override { BZ2_bzDecompressEnd(&stream_); }
    Bzip2Stream(const Bzip2Stream&) = delete;
    Bzip2Stream& operator=(const Bzip2Stream&) = delete;

    std::string_view next_block() override {
        stream_.next_out = buffer_.data();
        stream_.avail_out = static_cast<unsigned>(buffer_.size());
        while (stream_.avail_out > 0 && !ended_) step();
        return std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out);
    }

    std::uint64_t consumed() const override { return input_.fed() - stream_.avail_in; }

  private:
    void begin() {
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    }

    void fill() {
        if (stream_.avail_in > 0) return;
        const std::string_view block = input_.next();
        stream_.next_in = const_cast<char*>(block.data());  // bzlib reads it only
        stream_.avail_in = static_cast<unsigned>(block.size());
    }

    void step() {
        fill();
        if (stream_.avail_in == 0) stream_cut_short();
        switch (BZ2_bzDecompress(&stream_)) {
            case BZ_OK:
                return;
            case BZ_STREAM_END:
                return end_stream();
            case BZ_MEM_ERROR:
                throw std::bad_alloc();
            default:
                stream_damaged("its data does not fit its checksums");
        }
    }

    /// Another one may follow.
    void end_stream() {
        fill();
        if (single_ || stream_.avail_in == 0 || *stream_.next_in != 'B') {
            ended_ = true;
            return;
        }
        const bz_stream before = stream_;
        BZ2_bzDecompressEnd(&stream_);
        begin();
        stream_.next_in = before.next_in;
        stream_.avail_in = before.avail_in;
        stream_.next_out = before.next_out;
        stream_.avail_out = before.avail_out;
    }

    StreamInput input_;
    bool single_;
    std::string buffer_;
    bz_stream stream_{};
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> open_bzip2(const Source& source, const StreamBounds& bounds) {
    return std::make_unique<Bzip2Stream>(source, bounds);
}

}  // namespace archive
