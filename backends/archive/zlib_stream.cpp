// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/zlib_stream.hpp"

// With it the input pointer of z_stream is one to const.
#define ZLIB_CONST
#include <cstring>
#include <new>
#include <zlib.h>

namespace archive {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

const Bytef* bytes_of(const char* text) {
    return reinterpret_cast<const Bytef*>(text);
}

}  // namespace

struct ZlibStream::State : z_stream {
    explicit State(Form form) : z_stream() {
        constexpr int window = 15;
        constexpr int gzip_only = 16;  // to be added to the window
        const int bits = form == Form::gzip ? window + gzip_only : -window;
        if (inflateInit2(this, bits) != Z_OK) throw std::bad_alloc();
    }
    ~State() { inflateEnd(this); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

ZlibStream::ZlibStream(const Source& source, Form form)
    : source_(source),
      input_(std::make_unique_for_overwrite<char[]>(buffer_size)),
      output_(std::make_unique_for_overwrite<char[]>(buffer_size)),
      form_(form),
      stream_(std::make_unique<State>(form)) {}

ZlibStream::~ZlibStream() = default;

std::uint64_t ZlibStream::consumed() const {
    return fed_ - stream_->avail_in;
}

void ZlibStream::fill() {
    // What is left is at most the one byte that next_member looks behind.
    const std::size_t left = stream_->avail_in;
    if (left > 0) std::memmove(input_.get(), stream_->next_in, left);
    const std::size_t got = source_.read_at(fed_, input_.get() + left, buffer_size - left);
    fed_ += got;
    stream_->next_in = bytes_of(input_.get());
    stream_->avail_in = static_cast<uInt>(left + got);
}

/// Whether another member follows the one that ended, as `cat a.gz b.gz` makes it.
bool ZlibStream::next_member() {
    if (form_ == Form::deflate) return false;
    if (stream_->avail_in < 2) fill();
    const bool follows =
        stream_->avail_in >= 2 && stream_->next_in[0] == 0x1f && stream_->next_in[1] == 0x8b;
    if (follows) inflateReset(stream_.get());
    return follows;
}

std::string_view ZlibStream::next_block() {
    stream_->next_out = reinterpret_cast<Bytef*>(output_.get());
    stream_->avail_out = static_cast<uInt>(buffer_size);
    while (stream_->avail_out > 0) {
        if (member_ended_ && !next_member()) break;
        member_ended_ = false;
        inflate_some();
    }
    return {output_.get(), buffer_size - stream_->avail_out};
}

void ZlibStream::inflate_some() {
    if (stream_->avail_in == 0) fill();
    const int status = inflate(stream_.get(), Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    // With all the input taken there may be output left; only then it makes no progress.
    if (status == Z_BUF_ERROR && stream_->avail_in == 0) {
        stream_cut_short();
    }
    if (status == Z_STREAM_END) {
        member_ended_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
        const char* reason = stream_->msg;
        stream_damaged(reason == nullptr ? "unknown reason" : reason);
    }
}

}  // namespace archive
