// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/stream.hpp"

#include <algorithm>

#include "backends/archive/fault.hpp"
#include "backends/archive/zlib_stream.hpp"
#include "core/model/error.hpp"

namespace archive {
namespace {

constexpr std::size_t input_size = 256 * 1024;
constexpr const char* again = "make or transfer the file again";

std::string mebibytes(std::uint64_t bytes) {
    constexpr unsigned shift = 20;
    return std::to_string((bytes + (1u << shift) - 1) >> shift) + " MiB";
}

}  // namespace

StreamInput::StreamInput(const Source& source)
    : source_(source), buffer_(std::min<std::uint64_t>(input_size, source.size()), '\0') {}

std::string_view StreamInput::next() {
    const std::size_t got = source_.read_at(fed_, buffer_.data(), buffer_.size());
    fed_ += got;
    return std::string_view(buffer_).substr(0, got);
}

void stream_cut_short() {
    throw Broken(Fault::truncated, "its compression is cut short", again);
}

void stream_damaged(std::string_view reason) {
    throw Broken(Fault::corrupt, "its compression is damaged: " + std::string(reason), again);
}

void dictionary_too_large(std::uint64_t wanted, std::uint64_t limit) {
    throw Broken(Fault::dictionary,
                 "who unpacks it needs " +
                     (wanted > limit ? mebibytes(wanted) : std::string("too much")) +
                     " of memory; at most " + mebibytes(limit) + " are given",
                 "compress it with a smaller dictionary, as xz -9 or zstd --long=27 do");
}

std::unique_ptr<Stream> open_stream(Kind kind, const Source& source, const StreamBounds& bounds) {
    switch (kind) {
        case Kind::gzip:
            return std::make_unique<ZlibStream>(source, ZlibStream::Form::gzip);
        case Kind::xz:
        case Kind::lzma:
            return open_lzma(kind, source, bounds);
        case Kind::zstd:
            return open_zstd(source, bounds);
        case Kind::bzip2:
            return open_bzip2(source, bounds);
        default:
            throw core::Error("no compression was to be decoded");
    }
}

}  // namespace archive
