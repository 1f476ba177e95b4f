// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/inflater.hpp"

#include <algorithm>
#include <utility>

namespace archive {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

}  // namespace

Inflater::Inflater(const Source& source, const Limits& limits, bool lzma, bool single)
    : source_(source), limits_(limits), kind_(kind_of(source.text_at(0, sniff_size))) {
    if (kind_ == Kind::lzma && !lzma) {
        throw Broken(Fault::unknown, "it is compressed with lzma, which is not read",
                     "compress it with gzip, xz, zstd or bzip2");
    }
    if (kind_ == Kind::empty) throw Broken(Fault::empty, "it has no bytes at all");
    if (is_compressed(kind_)) {
        stream_ = open_stream(kind_, source_, {limits.dictionary, single});
    } else {
        buffer_.resize(std::min<std::uint64_t>(buffer_size, source_.size()));
    }
    first_ = next_block();
    if (first_.empty()) throw Broken(Fault::empty, "there is nothing in it after decompression");
    if (is_compressed(kind_) && is_compressed(kind_of(first_))) {
        throw Broken(Fault::nested, "it is compressed more than once", "compress the archive once");
    }
}

std::string_view Inflater::next_block() {
    if (!first_.empty()) return std::exchange(first_, std::string_view());
    if (ended_) return {};
    const std::string_view block = stream_ ? stream_->next_block() : next_plain();
    produced_ += block.size();
    limits_.check_output(produced_, consumed(), kind_ == Kind::bzip2 ? limits_.bzip2_work : 1);
    if (block.empty()) {
        check_end();
        ended_ = true;
    }
    return block;
}

std::uint64_t Inflater::consumed() const {
    return stream_ ? stream_->consumed() : fed_;
}

std::string_view Inflater::next_plain() {
    const std::size_t got = source_.read_at(fed_, buffer_.data(), buffer_.size());
    fed_ += got;
    return {buffer_.data(), got};
}

void Inflater::check_end() {
    if (consumed() >= source_.size()) return;
    throw Broken(Fault::trailing,
                 std::to_string(source_.size() - consumed()) +
                     " bytes follow the end of the compressed data",
                 "hand in the archive alone");
}

}  // namespace archive
