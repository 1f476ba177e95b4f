// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/reader.hpp"

#include <algorithm>
#include <utility>

#include "backends/archive/container.hpp"
#include "backends/archive/inflater.hpp"
#include "backends/archive/sniff.hpp"
#include "core/model/bundle_limits.hpp"

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

std::string Limits::remedy(std::string_view setting) const {
    if (!bundle_settings) return {};
    return core::raise_bundle_limit("hand in several smaller releases", setting);
}

void Limits::check_output(std::uint64_t produced, std::uint64_t consumed,
                          std::uint64_t work) const {
    if (produced > bytes) {
        throw Broken(Fault::too_large,
                     "more than " + std::to_string(bytes) + " bytes come out of it",
                     remedy("total_mb"));
    }
    const std::uint64_t most_after = ratio_after / work;
    const std::uint64_t most = ratio / work;
    if (produced > most_after && produced / std::max<std::uint64_t>(1, consumed) >= most) {
        throw Broken(Fault::too_dense,
                     std::to_string(produced) + " bytes come out of its first " +
                         std::to_string(consumed) + "; if they are more than " +
                         std::to_string(most_after) + ", there may be " + std::to_string(most) +
                         " for each byte of it",
                     remedy("unpacked_ratio"));
    }
}

void Limits::check_count(std::uint64_t found) const {
    if (found <= members) return;
    throw Broken(Fault::too_many, "it has more than " + std::to_string(members) + " members",
                 remedy("members"));
}

void Limits::check_names(std::uint64_t found) const {
    if (found <= names) return;
    throw Broken(Fault::too_many,
                 "the names of its members, and what else is said of them, take more than " +
                     std::to_string(names) + " bytes",
                 remedy("names_mb"));
}

void Limits::check_member(const std::string& name, std::uint64_t size) const {
    if (size <= member_bytes) return;
    throw Broken(Fault::too_large,
                 name + " has " + std::to_string(size) + " bytes; at most " +
                     std::to_string(member_bytes) + " are read",
                 remedy("member_mb"));
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

void inflate(const Source& source, const Limits& limits, const Reader::Sink& sink) {
    if (source.size() == 0) return;
    Inflater inflater(source, limits, false);
    for (std::string_view block = inflater.next_block(); !block.empty();
         block = inflater.next_block()) {
        sink(block);
    }
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
