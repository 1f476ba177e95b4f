// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/inflater.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace archive {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

void enable(libarchive_handle* handle, Kind kind) {
    switch (kind) {
        case Kind::xz:
            archive_read_support_filter_xz(handle);
            break;
        case Kind::zstd:
            archive_read_support_filter_zstd(handle);
            break;
        case Kind::bzip2:
            archive_read_support_filter_bzip2(handle);
            break;
        case Kind::lzma:
            archive_read_support_filter_lzma(handle);
            break;
        default:
            break;
    }
}

}  // namespace

Inflater::Inflater(const Source& source, const Limits& limits, bool lzma)
    : source_(source), limits_(limits), kind_(kind_of(source.text_at(0, sniff_size))) {
    if (kind_ == Kind::lzma && !lzma) {
        throw Broken(Fault::unknown, "it is compressed with lzma, which is not read",
                     "compress it with gzip, xz, zstd or bzip2");
    }
    if (kind_ == Kind::empty) throw Broken(Fault::empty, "it has no bytes at all");
    if (kind_ == Kind::gzip) {
        zlib_ = std::make_unique<ZlibStream>(source_, ZlibStream::Form::gzip);
    } else {
        buffer_.resize(std::min<std::uint64_t>(buffer_size, source_.size()));
        if (is_compressed(kind_)) open_filter();
    }
    first_ = next_block();
    if (first_.empty()) throw Broken(Fault::empty, "there is nothing in it after decompression");
    const bool twice = is_compressed(kind_) && is_compressed(kind_of(first_));
    if (twice) nested();
}

void Inflater::open_filter() {
    handle_.reset(archive_read_new());
    if (!handle_) throw std::bad_alloc();
    enable(handle_.get(), kind_);
    archive_read_support_format_raw(handle_.get());
    archive_read_support_format_empty(handle_.get());
    if (archive_read_open(handle_.get(), this, nullptr, &Inflater::feed, nullptr) != ARCHIVE_OK) {
        fail();
    }
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle_.get(), &entry);
    // The count includes the source itself. libarchive stacks filters for as long as the bytes that
    // come out of one look like the next.
    const int filters = archive_filter_count(handle_.get()) - 1;
    if (filters > 1) nested();
    if (filters < 1) {
        throw Broken(Fault::corrupt, "it begins like " + std::string(description(kind_)) +
                                         ", but its first bytes are damaged");
    }
    if (status == ARCHIVE_EOF) {
        // Also what a stream gives that breaks before its first byte came out.
        if (archive_error_string(handle_.get()) != nullptr) fail();
        check_end();
        throw Broken(Fault::empty, "there is nothing in it after decompression");
    }
    if (status != ARCHIVE_OK) fail();
}

la_ssize_t Inflater::feed(libarchive_handle* handle, void* self, const void** buffer) {
    auto& inflater = *static_cast<Inflater*>(self);
    try {
        const std::size_t got = inflater.source_.read_at(inflater.fed_, inflater.buffer_.data(),
                                                         inflater.buffer_.size());
        inflater.fed_ += got;
        *buffer = inflater.buffer_.data();
        return static_cast<la_ssize_t>(got);
    } catch (...) {
        inflater.failure_ = std::current_exception();
        archive_set_error(handle, -1, "cannot read");
        return ARCHIVE_FATAL;
    }
}

void Inflater::fail() {
    if (failure_) std::rethrow_exception(failure_);
    if (archive_filter_count(handle_.get()) > 2) nested();
    const std::string reason = reason_of(handle_.get());
    // So libarchive and liblzma say that the input ended too early.
    const bool cut =
        reason.find("runcated") != reason.npos || reason.find("No progress") != reason.npos;
    throw Broken(cut ? Fault::truncated : Fault::corrupt,
                 "its compression is " + std::string(cut ? "cut short" : "damaged") + ": " + reason,
                 "make or transfer the file again");
}

void Inflater::nested() {
    throw Broken(Fault::nested, "it is compressed more than once", "compress the archive once");
}

std::string_view Inflater::next_block() {
    if (!first_.empty()) return std::exchange(first_, std::string_view());
    if (ended_) return {};
    const std::string_view block = zlib_     ? zlib_->next_block()
                                   : handle_ ? next_inflated()
                                             : next_plain();
    produced_ += block.size();
    limits_.check_output(produced_, consumed(), kind_ == Kind::bzip2 ? limits_.bzip2_work : 1);
    if (block.empty()) {
        check_end();
        ended_ = true;
    }
    return block;
}

std::uint64_t Inflater::consumed() const {
    if (zlib_) return zlib_->consumed();
    if (!handle_) return fed_;
    return static_cast<std::uint64_t>(
        std::max<la_int64_t>(0, archive_filter_bytes(handle_.get(), -1)));
}

std::string_view Inflater::next_inflated() {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
        const int status = archive_read_data_block(handle_.get(), &data, &size, &offset);
        if (status == ARCHIVE_EOF) return {};
        if (status != ARCHIVE_OK) fail();
        if (size > 0) return {static_cast<const char*>(data), size};
    }
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
