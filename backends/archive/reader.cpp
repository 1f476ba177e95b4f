// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/reader.hpp"

#include <algorithm>
#include <utility>

#include "backends/archive/container.hpp"
#include "backends/archive/inflater.hpp"
#include "backends/archive/sniff.hpp"

namespace archive {

std::string_view description(Type type) {
    switch (type) {
        case Type::regular:
            return "a regular file";
        case Type::directory:
            return "a directory";
        case Type::symbolic_link:
            return "a symbolic link";
        case Type::hard_link:
            return "a hard link";
        case Type::character_device:
            return "a character device";
        case Type::block_device:
            return "a block device";
        case Type::fifo:
            return "a named pipe";
        case Type::socket:
            return "a socket";
        case Type::sparse:
            return "a sparse file";
        case Type::other:
            break;
    }
    return "a member of an unusual kind";
}

void Limits::check_output(std::uint64_t produced, std::uint64_t consumed) const {
    if (produced > bytes) {
        throw Broken(Fault::too_large,
                     "more than " + std::to_string(bytes) + " bytes come out of it");
    }
    if (produced > ratio_after && produced / std::max<std::uint64_t>(1, consumed) >= ratio) {
        throw Broken(Fault::too_dense,
                     "more than " + std::to_string(ratio) + " bytes come out for each byte of it");
    }
}

void Limits::check_member(const std::string& name, std::uint64_t size) const {
    if (size <= member_bytes) return;
    throw Broken(Fault::too_large, name + " has " + std::to_string(size) + " bytes; at most " +
                                       std::to_string(member_bytes) + " are read");
}

Reader::Reader(Source source, Options options) {
    const Kind kind = kind_of(source.text_at(0, sniff_size));
    container_ = kind == Kind::zip && options.zip ? open_zip(std::move(source), options)
                                                  : open_tar(std::move(source), options);
}

Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

const Member* Reader::next() {
    return container_->next();
}

void Reader::read(const Sink& sink) {
    container_->read(sink);
}

std::string Reader::read_all(std::uint64_t limit) {
    std::string bytes;
    read([&](std::string_view block) {
        if (block.size() > limit - bytes.size()) {
            throw Broken(Fault::too_large,
                         "a member has more than " + std::to_string(limit) + " bytes");
        }
        bytes += block;
    });
    return bytes;
}

std::string inflated(const Source& source, std::uint64_t limit) {
    Limits limits;
    limits.bytes = limit;
    std::string bytes;
    if (source.size() == 0) return bytes;
    Inflater inflater(source, limits, false);
    for (std::string_view block = inflater.next_block(); !block.empty();
         block = inflater.next_block()) {
        bytes += block;
    }
    return bytes;
}

std::string inflated_head(const Source& source, std::size_t size) {
    std::string bytes;
    if (source.size() == 0) return bytes;
    Inflater inflater(source, Limits{}, false);
    while (bytes.size() < size) {
        const std::string_view block = inflater.next_block();
        if (block.empty()) break;
        bytes += block.substr(0, size - bytes.size());
    }
    return bytes;
}

}  // namespace archive
