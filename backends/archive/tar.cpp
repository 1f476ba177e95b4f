// SPDX-License-Identifier: GPL-3.0-or-later
// Tar: libarchive parses what the inflater gives, the audit looks at the same bytes.
#include <exception>
#include <new>
#include <utility>

#include "backends/archive/container.hpp"
#include "backends/archive/inflater.hpp"
#include "backends/archive/libarchive.hpp"
#include "backends/archive/tar_audit.hpp"
#include "backends/archive/utf8_locale.hpp"
#include "backends/archive/zip_end.hpp"
#include "core/model/text.hpp"

namespace archive {
namespace {

Type type_of(archive_entry* entry, const TarAudit::Record& record) {
    if (record.sparse || archive_entry_sparse_count(entry) > 0 || record.type == 'S') {
        return Type::sparse;
    }
    if (archive_entry_hardlink(entry) != nullptr) return Type::hard_link;
    switch (record.type) {
        case '0':
        case '7':
            break;
        case '1':
            return Type::hard_link;
        case '2':
            return Type::symbolic_link;
        case '3':
            return Type::character_device;
        case '4':
            return Type::block_device;
        case '5':
            return Type::directory;
        case '6':
            return Type::fifo;
        default:
            return Type::other;
    }
    // Before POSIX a directory was a file whose name ends with a slash.
    return archive_entry_filetype(entry) == AE_IFDIR ? Type::directory : Type::regular;
}

class Tar : public Reader::Container {
  public:
    Tar(Source source, const Options& options)
        : source_(std::move(source)),
          limits_(options.limits),
          inflater_(source_, limits_, options.lzma, options.single),
          audit_(limits_, options.dpkg) {
        refuse_other_formats();
        handle_.reset(archive_read_new());
        if (!handle_) throw std::bad_alloc();
        archive_read_support_format_tar(handle_.get());
        if (archive_read_open(handle_.get(), this, nullptr, &Tar::feed, nullptr) != ARCHIVE_OK) {
            fail();
        }
    }

    const Member* next() override;
    void read(const Reader::Sink& sink) override;

  private:
    void refuse_other_formats();
    void check_member(archive_entry* entry, const TarAudit::Record& record, int status);
    void finish();
    [[noreturn]] void fail();

    static la_ssize_t feed(libarchive_handle* handle, void* self, const void** buffer);

    Source source_;
    Limits limits_;
    Utf8Locale locale_;
    Inflater inflater_;
    TarAudit audit_;
    std::string_view first_block_;
    std::exception_ptr failure_;  // of feed: nothing may be thrown through libarchive
    std::uint64_t members_ = 0;
    bool ended_ = false;
    bool readable_ = false;
    Member member_;
    Handle handle_;
};

void Tar::refuse_other_formats() {
    first_block_ = inflater_.next_block();
    const Kind kind = kind_of(first_block_);
    if (kind == Kind::tar) return;
    const bool inside = is_compressed(inflater_.kind());
    if (inside && is_archive(kind)) {
        throw Broken(Fault::nested, "after decompression it is " + std::string(description(kind)),
                     "compress a tar archive once");
    }
    if (first_block_.size() >= sniff_size &&
        first_block_.substr(0, sniff_size).find_first_not_of('\0') == std::string_view::npos) {
        return;  // a tar that has nothing but its end
    }
    if (first_block_.size() < sniff_size && kind == Kind::unknown && inside) {
        throw Broken(Fault::truncated, "what comes out of it is too short for a tar archive");
    }
    throw Broken(Fault::unknown,
                 "it is " + std::string(description(kind)) + ", not a tar or zip archive",
                 "hand in a .tar, .tar.gz, .tar.xz, .tar.zst, .tar.bz2 or .zip file");
}

la_ssize_t Tar::feed(libarchive_handle* handle, void* self, const void** buffer) {
    auto& tar = *static_cast<Tar*>(self);
    try {
        const std::string_view block = tar.first_block_.empty()
                                           ? tar.inflater_.next_block()
                                           : std::exchange(tar.first_block_, std::string_view());
        tar.audit_.see(block);
        *buffer = block.data();
        return static_cast<la_ssize_t>(block.size());
    } catch (...) {
        tar.failure_ = std::current_exception();
        archive_set_error(handle, -1, "cannot read");
        return ARCHIVE_FATAL;
    }
}

void Tar::fail() {
    if (failure_) std::rethrow_exception(failure_);
    const std::string reason = reason_of(handle_.get());
    // It may only be cut short, or hold what is not read.
    if (inflater_.ended() || audit_.lost()) audit_.finish();
    throw Broken(Fault::corrupt, "the tar is damaged: " + reason,
                 "make or transfer the file again");
}

const Member* Tar::next() {
    if (ended_) return nullptr;
    const auto bound = locale_.use();
    readable_ = false;
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle_.get(), &entry);
    if (status == ARCHIVE_EOF) {
        finish();
        return nullptr;
    }
    if (failure_ || (status != ARCHIVE_OK && status != ARCHIVE_WARN)) fail();
    limits_.check_count(++members_);
    const auto record = audit_.take();
    if (!record) {
        throw Broken(Fault::corrupt, "two readers of the tar disagree on where its members begin");
    }
    check_member(entry, *record, status);
    return &member_;
}

void Tar::check_member(archive_entry* entry, const TarAudit::Record& record, int status) {
    const char* name = archive_entry_pathname(entry);
    const Type type = type_of(entry, record);
    const char* link =
        type == Type::hard_link ? archive_entry_hardlink(entry) : archive_entry_symlink(entry);
    member_ = Member{name == nullptr ? std::string() : std::string(name), type, 0,
                     static_cast<unsigned>(archive_entry_perm(entry)),
                     link == nullptr ? std::string() : std::string(link)};
    if (member_.name.size() > limits_.name_bytes || member_.link.size() > limits_.name_bytes) {
        throw Broken(Fault::name_too_long,
                     "a member's name has " + std::to_string(member_.name.size()) + " bytes");
    }
    const bool odd_name = !core::valid_utf8(member_.name) || !core::valid_utf8(member_.link);
    if (status == ARCHIVE_WARN && !odd_name) {
        throw Broken(Fault::corrupt,
                     "the header of " + member_.name + " is damaged: " + reason_of(handle_.get()),
                     "make the archive again with a current tar");
    }
    const auto position = static_cast<std::uint64_t>(archive_read_header_position(handle_.get()));
    const auto size = static_cast<std::uint64_t>(archive_entry_size(entry));
    const bool file = type == Type::regular || type == Type::directory;
    if (position != record.position || (file && size != record.size)) {
        throw Broken(Fault::corrupt, "two readers of the tar disagree on " + member_.name,
                     "make the archive again with a current tar");
    }
    if (type == Type::directory && record.size != 0) {
        throw Broken(Fault::corrupt, "the directory " + member_.name + " has content");
    }
    if (type != Type::regular) return;
    limits_.check_member(member_.name, record.size);
    member_.size = record.size;
    readable_ = true;
}

void Tar::read(const Reader::Sink& sink) {
    if (!std::exchange(readable_, false)) {
        throw core::Error("an archive member without content, or already read, was asked for it");
    }
    const auto bound = locale_.use();
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    std::uint64_t position = 0;
    while (true) {
        const int status = archive_read_data_block(handle_.get(), &data, &size, &offset);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK) fail();
        if (static_cast<std::uint64_t>(offset) != position) {
            throw Broken(Fault::corrupt, member_.name + " has holes");
        }
        position += size;
        if (size > 0) sink({static_cast<const char*>(data), size});
    }
    if (position != member_.size) {
        throw Broken(Fault::truncated, member_.name + " is cut short");
    }
}

/// libarchive stops at the end marker, or where the stream stops: read on to the real end.
void Tar::finish() {
    if (failure_) std::rethrow_exception(failure_);
    while (true) {
        const std::string_view block = first_block_.empty()
                                           ? inflater_.next_block()
                                           : std::exchange(first_block_, std::string_view());
        if (block.empty()) break;
        audit_.see(block);
    }
    audit_.finish();
    if (audit_.take()) {
        throw Broken(Fault::corrupt, "two readers of the tar disagree on where it ends");
    }
    if (!is_compressed(inflater_.kind()) && ends_like_zip(source_)) {
        throw Broken(Fault::trailing, "it is a tar and a zip archive at once",
                     "hand in one archive alone");
    }
    ended_ = true;
}

}  // namespace

std::unique_ptr<Reader::Container> open_tar(Source source, const Options& options) {
    return std::make_unique<Tar>(std::move(source), options);
}

void prepare() {
    Utf8Locale().use();
}

}  // namespace archive
