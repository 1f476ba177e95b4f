// SPDX-License-Identifier: GPL-3.0-or-later
// Zip by ourselves and zlib. libarchive reads sound zips as well, but also those whose two
// directories contradict each other (zip_directory.hpp), so it could only be a second opinion.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

#include "backends/archive/container.hpp"
#include "backends/archive/zip_directory.hpp"
#include "backends/archive/zlib_stream.hpp"

namespace archive {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

[[noreturn]] void damaged(const std::string& what) {
    throw Broken(Fault::corrupt, "the zip is damaged: " + what, "make or transfer the file again");
}

class Zip : public Reader::Container {
  public:
    Zip(Source source, const Limits& limits)
        : source_(std::move(source)),
          limits_(limits),
          directory_(read_zip_directory(source_, limits_)) {}

    const Member* next() override;
    void read(const Reader::Sink& sink) override;

  private:
    Source source_;
    Limits limits_;
    std::vector<ZipMember> directory_;
    std::size_t index_ = 0;  // of the coming member
    std::uint64_t produced_ = 0;
    std::uint64_t packed_ = 0;  // of the members so far
    bool readable_ = false;
    Member member_;
};

void copy_stored(const Source& source, const Reader::Sink& sink) {
    std::string buffer(std::min<std::uint64_t>(buffer_size, source.size()), '\0');
    for (std::uint64_t position = 0; position < source.size();) {
        const std::size_t got = source.read_at(position, buffer.data(), buffer.size());
        if (got == 0) return;  // the file became shorter
        position += got;
        sink({buffer.data(), got});
    }
}

void copy_deflated(const Source& source, const Reader::Sink& sink) {
    ZlibStream stream(source, ZlibStream::Form::deflate);
    for (auto block = stream.next_block(); !block.empty(); block = stream.next_block()) {
        sink(block);
    }
    if (stream.consumed() != source.size()) damaged("bytes follow the end of a compressed member");
}

const Member* Zip::next() {
    if (index_ == directory_.size()) return nullptr;
    const ZipMember& listed = directory_[index_++];
    packed_ += listed.packed;
    limits_.check_member(listed.name, listed.size);
    readable_ = listed.type == Type::regular;
    member_ = Member{listed.name, listed.type, readable_ ? listed.size : 0, listed.mode, {}};
    return &member_;
}

void Zip::read(const Reader::Sink& sink) {
    if (!std::exchange(readable_, false)) {
        throw core::Error("an archive member without content, or already read, was asked for it");
    }
    const ZipMember& listed = directory_[index_ - 1];
    std::uint64_t size = 0;
    uLong checksum = 0;
    const auto take = [&](std::string_view block) {
        size += block.size();
        produced_ += block.size();
        if (size > listed.size) {
            throw Broken(Fault::corrupt, listed.name + " is longer than the zip says");
        }
        limits_.check_output(produced_, packed_);
        checksum = ::crc32_z(checksum, reinterpret_cast<const Bytef*>(block.data()), block.size());
        sink(block);
    };
    const Source packed = source_.part(listed.data, listed.packed);
    // Some write an empty member as deflated, without a byte of it.
    if (listed.method == ZipMember::deflated && listed.packed != 0) {
        copy_deflated(packed, take);
    } else {
        copy_stored(packed, take);
    }
    if (size != listed.size) throw Broken(Fault::truncated, listed.name + " is cut short");
    if (checksum != listed.checksum) damaged(listed.name + " has another checksum than it says");
}

}  // namespace

std::unique_ptr<Reader::Container> open_zip(Source source, const Options& options) {
    return std::make_unique<Zip>(std::move(source), options.limits);
}

}  // namespace archive
