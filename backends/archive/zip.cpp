// SPDX-License-Identifier: GPL-3.0-or-later
// Zip: our own reading of both directories says what is in it, libarchive only inflates.
#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "backends/archive/container.hpp"
#include "backends/archive/libarchive.hpp"
#include "backends/archive/utf8_locale.hpp"
#include "backends/archive/zip_directory.hpp"

namespace archive {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

class Zip : public Reader::Container {
  public:
    Zip(Source source, const Options& options)
        : source_(std::move(source)),
          limits_(options.limits),
          directory_(read_zip_directory(source_, limits_)),
          buffer_(buffer_size, '\0'),
          handle_(archive_read_new()) {
        if (!handle_) throw std::bad_alloc();
        auto* handle = handle_.get();
        archive_read_support_format_zip_seekable(handle);
        archive_read_set_read_callback(handle, &Zip::feed);
        archive_read_set_seek_callback(handle, &Zip::seek);
        archive_read_set_callback_data(handle, this);
        // libarchive does not know an empty zip from a cut one.
        if (!directory_.empty() && archive_read_open1(handle) != ARCHIVE_OK) fail();
    }

    const Member* next() override;
    void read(const Reader::Sink& sink) override;

  private:
    [[noreturn]] void fail();
    void count(std::size_t produced, std::uint64_t in_member);

    static la_ssize_t feed(libarchive_handle* handle, void* self, const void** buffer);
    static la_int64_t seek(libarchive_handle* handle, void* self, la_int64_t offset, int whence);

    Source source_;
    Limits limits_;
    Utf8Locale locale_;
    std::vector<ZipMember> directory_;
    std::string buffer_;
    std::uint64_t position_ = 0;
    std::exception_ptr failure_;  // of feed: nothing may be thrown through libarchive
    std::size_t index_ = 0;       // of the coming member
    std::uint64_t produced_ = 0;
    std::uint64_t packed_ = 0;  // of the members so far
    bool readable_ = false;
    Member member_;
    Handle handle_;
};

la_ssize_t Zip::feed(libarchive_handle* handle, void* self, const void** buffer) {
    auto& zip = *static_cast<Zip*>(self);
    try {
        const std::size_t got =
            zip.source_.read_at(zip.position_, zip.buffer_.data(), zip.buffer_.size());
        zip.position_ += got;
        *buffer = zip.buffer_.data();
        return static_cast<la_ssize_t>(got);
    } catch (...) {
        zip.failure_ = std::current_exception();
        archive_set_error(handle, -1, "cannot read");
        return ARCHIVE_FATAL;
    }
}

la_int64_t Zip::seek(libarchive_handle*, void* self, la_int64_t offset, int whence) {
    auto& zip = *static_cast<Zip*>(self);
    const auto size = static_cast<la_int64_t>(zip.source_.size());
    const la_int64_t base = whence == SEEK_END   ? size
                            : whence == SEEK_CUR ? static_cast<la_int64_t>(zip.position_)
                                                 : 0;
    zip.position_ = static_cast<std::uint64_t>(std::clamp<la_int64_t>(base + offset, 0, size));
    return static_cast<la_int64_t>(zip.position_);
}

void Zip::fail() {
    if (failure_) std::rethrow_exception(failure_);
    throw Broken(Fault::corrupt, "the zip is damaged: " + reason_of(handle_.get()),
                 "make or transfer the file again");
}

const Member* Zip::next() {
    if (index_ == directory_.size()) return nullptr;
    const auto bound = locale_.use();
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle_.get(), &entry);
    if (failure_ || (status != ARCHIVE_OK && status != ARCHIVE_WARN)) fail();
    const ZipMember& listed = directory_[index_++];
    packed_ += listed.packed;
    const bool sized = archive_entry_size_is_set(entry) != 0;
    const auto size = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (listed.type == Type::regular && (!sized || size != listed.size)) {
        throw Broken(Fault::corrupt, "two readers of the zip disagree on " + listed.name,
                     "make the archive again with a current zip");
    }
    if (listed.size > limits_.member_bytes) {
        throw Broken(Fault::too_large, listed.name + " has " + std::to_string(listed.size) +
                                           " bytes; at most " +
                                           std::to_string(limits_.member_bytes) + " are read");
    }
    readable_ = listed.type == Type::regular;
    member_ = Member{listed.name, listed.type, readable_ ? listed.size : 0, listed.mode, {}};
    return &member_;
}

void Zip::count(std::size_t produced, std::uint64_t in_member) {
    produced_ += produced;
    if (in_member > member_.size) {
        throw Broken(Fault::corrupt, member_.name + " is longer than the zip says");
    }
    if (produced_ > limits_.bytes) {
        throw Broken(Fault::too_large,
                     "more than " + std::to_string(limits_.bytes) + " bytes come out of it");
    }
    if (produced_ > limits_.ratio_after &&
        produced_ / std::max<std::uint64_t>(1, packed_) >= limits_.ratio) {
        throw Broken(Fault::too_dense, "more than " + std::to_string(limits_.ratio) +
                                           " bytes come out for each byte of it");
    }
}

void Zip::read(const Reader::Sink& sink) {
    if (!std::exchange(readable_, false)) {
        throw core::Error("an archive member without content, or already read, was asked for it");
    }
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    std::uint64_t position = 0;
    while (true) {
        // A wrong checksum or size comes as a warning: everything but OK is damage here.
        const int status = archive_read_data_block(handle_.get(), &data, &size, &offset);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK) fail();
        position += size;
        count(size, position);
        if (size > 0) sink({static_cast<const char*>(data), size});
    }
    if (position != member_.size) throw Broken(Fault::truncated, member_.name + " is cut short");
}

}  // namespace

std::unique_ptr<Reader::Container> open_zip(Source source, const Options& options) {
    return std::make_unique<Zip>(std::move(source), options);
}

}  // namespace archive
