// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/zip_directory.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <sys/stat.h>

namespace archive {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t end_size = 22;      // end of central directory record
constexpr std::size_t locator_size = 20;  // zip64 end locator
constexpr std::size_t zip64_end_size = 56;
constexpr std::size_t central_size = 46;
constexpr std::size_t local_size = 30;
constexpr std::uint64_t in_zip64 = 0xffffffff;  // the real value is in the zip64 record or field
constexpr std::uint64_t in_zip64_16 = 0xffff;
constexpr std::uint16_t encrypted_flag = 1 << 0;
constexpr std::uint16_t descriptor_flag = 1 << 3;  // sizes follow the data
constexpr std::uint16_t strong_encryption_flag = 1 << 6;
constexpr std::uint16_t masked_flag = 1 << 13;

[[noreturn]] void corrupt(const std::string& what) {
    throw Broken(Fault::corrupt, "its zip directory is damaged: " + what,
                 "make the archive again with a current zip");
}

std::uint64_t little(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8 | static_cast<std::uint8_t>(bytes[offset + i]);
    }
    return value;
}

std::uint16_t little16(std::string_view bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(little(bytes, offset, 2));
}

struct Extent {
    std::uint64_t members = 0;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t end() const { return begin + size; }
};

/// The place of the end record: where its comment reaches exactly to the end of the source.
std::optional<std::uint64_t> find_end(const Source& source) {
    const std::uint64_t size = source.size();
    const std::size_t tail_size =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, end_size + 0xffff));
    const std::string tail = source.text_at(size - tail_size, tail_size);
    for (std::size_t at = tail.rfind("PK\5\6"); at != tail.npos && tail.size() >= end_size;
         at = at == 0 ? tail.npos : tail.rfind("PK\5\6", at - 1)) {
        if (at + end_size > tail.size()) continue;
        if (at + end_size + little16(tail, at + 20) == tail.size()) return size - tail_size + at;
    }
    return std::nullopt;
}

/// The zip64 end record that the locator at `at` names; it must stand right before the locator.
Extent zip64_extent(const Source& source, std::uint64_t at, std::string_view locator) {
    if (little(locator, 4, 4) != 0 || little(locator, 16, 4) > 1) {
        throw Broken(Fault::unknown, "it is one part of an archive in several parts");
    }
    const std::uint64_t begin = little(locator, 8, 8);
    const std::string record = source.text_at(begin, zip64_end_size);
    if (record.size() < zip64_end_size || !record.starts_with("PK\6\6"sv) ||
        begin + 12 + little(record, 4, 8) != at) {
        corrupt("the zip64 record is not where it should be");
    }
    const Extent extent{little(record, 32, 8), little(record, 48, 8), little(record, 40, 8)};
    if (extent.begin > begin || extent.size != begin - extent.begin) {
        corrupt("the zip64 record contradicts itself");
    }
    return extent;
}

[[noreturn]] void end_not_found(const Source& source) {
    constexpr std::size_t far_enough = 1 << 20;
    const std::uint64_t size = source.size();
    const std::string tail = source.text_at(size > far_enough ? size - far_enough : 0, far_enough);
    if (tail.find("PK\5\6") != tail.npos) {
        throw Broken(Fault::trailing,
                     "there is data after the end of the zip, or its end is damaged",
                     "hand in one archive alone");
    }
    throw Broken(Fault::truncated, "the end of the zip is missing: it is cut short",
                 "make or transfer the file again");
}

Extent find_directory(const Source& source) {
    const auto end = find_end(source);
    if (!end) end_not_found(source);
    const std::string record = source.text_at(*end, end_size);
    if (little16(record, 4) != 0 || little16(record, 6) != 0 ||
        little16(record, 8) != little16(record, 10)) {
        throw Broken(Fault::unknown, "it is one part of an archive in several parts");
    }
    const Extent extent{little16(record, 10), little(record, 16, 4), little(record, 12, 4)};
    const bool open =
        extent.members == in_zip64_16 || extent.begin == in_zip64 || extent.size == in_zip64;
    // Writers that stream add a zip64 record also where this one can say it all.
    const std::uint64_t at = *end - std::min<std::uint64_t>(*end, locator_size);
    const std::string locator = source.text_at(at, locator_size);
    if (locator.starts_with("PK\6\7"sv)) {
        const Extent wide = zip64_extent(source, at, locator);
        const auto agrees = [](std::uint64_t here, std::uint64_t real, std::uint64_t mark) {
            return here == real || here == mark;
        };
        if (!agrees(extent.members, wide.members, in_zip64_16) ||
            !agrees(extent.begin, wide.begin, in_zip64) ||
            !agrees(extent.size, wide.size, in_zip64)) {
            corrupt("its two end records contradict each other");
        }
        return wide;
    }
    if (open) corrupt("the zip64 record is missing");
    if (extent.end() != *end) corrupt("its place and size do not lead to its end");
    return extent;
}

/// Replaces what is marked as "in the zip64 field" by the values of that field, in their order.
void apply_zip64(std::string_view extra, std::initializer_list<std::uint64_t*> values) {
    while (extra.size() >= 4) {
        const std::uint16_t id = little16(extra, 0);
        const std::size_t size = little16(extra, 2);
        if (4 + size > extra.size()) corrupt("an extra field is cut short");
        std::string_view field = extra.substr(4, size);
        extra.remove_prefix(4 + size);
        if (id != 0x0001) continue;
        for (std::uint64_t* value : values) {
            if (*value != in_zip64) continue;
            if (field.size() < 8) corrupt("a zip64 field is cut short");
            *value = little(field, 0, 8);
            field.remove_prefix(8);
        }
        return;
    }
}

Type type_of(std::uint32_t attributes, unsigned made_on, std::string_view name, unsigned& mode) {
    constexpr unsigned unix_system = 3;
    constexpr unsigned darwin_system = 19;
    if (made_on == unix_system || made_on == darwin_system) {
        mode = attributes >> 16 & 07777;
        switch (attributes >> 16 & S_IFMT) {
            case S_IFLNK:
                return Type::symbolic_link;
            case S_IFCHR:
                return Type::character_device;
            case S_IFBLK:
                return Type::block_device;
            case S_IFIFO:
                return Type::fifo;
            case S_IFSOCK:
                return Type::socket;
            case S_IFDIR:
                return Type::directory;
            case S_IFREG:
            case 0:
                break;
            default:
                return Type::other;
        }
    }
    return name.ends_with('/') ? Type::directory : Type::regular;
}

/// The entry of the central directory at `at`, which moves behind it.
ZipMember read_entry(const Source& source, std::uint64_t& at, const Extent& extent,
                     const Limits& limits) {
    const std::string fixed = source.text_at(at, central_size);
    if (fixed.size() < central_size || !fixed.starts_with("PK\1\2"sv)) {
        corrupt("an entry is missing");
    }
    const std::size_t name_size = little16(fixed, 28);
    const std::size_t extra_size = little16(fixed, 30);
    const std::size_t total = central_size + name_size + extra_size + little16(fixed, 32);
    if (total > extent.end() - at) corrupt("an entry reaches beyond it");
    if (name_size > limits.name_bytes) {
        throw Broken(Fault::name_too_long,
                     "a member's name has " + std::to_string(name_size) + " bytes");
    }
    const std::string variable = source.text_at(at + central_size, name_size + extra_size);
    if (variable.size() != name_size + extra_size) corrupt("an entry is cut short");
    ZipMember member;
    member.name = variable.substr(0, name_size);
    member.flags = little16(fixed, 8);
    member.method = little16(fixed, 10);
    member.checksum = static_cast<std::uint32_t>(little(fixed, 16, 4));
    member.packed = little(fixed, 20, 4);
    member.size = little(fixed, 24, 4);
    member.position = little(fixed, 42, 4);
    apply_zip64(std::string_view(variable).substr(name_size),
                {&member.size, &member.packed, &member.position});
    member.type = type_of(static_cast<std::uint32_t>(little(fixed, 38, 4)), little16(fixed, 4) >> 8,
                          member.name, member.mode);
    at += total;
    return member;
}

void check_entry(const ZipMember& member) {
    if ((member.flags & (encrypted_flag | strong_encryption_flag | masked_flag)) != 0) {
        throw Broken(Fault::encrypted, "its member " + member.name + " is encrypted",
                     "hand in an archive without a password");
    }
    if (member.method != 0 && member.method != 8) {
        throw Broken(Fault::unknown,
                     "its member " + member.name + " is compressed with method " +
                         std::to_string(member.method),
                     "use zip's usual method (deflate)");
    }
    if (member.method == 0 && member.size != member.packed) {
        corrupt("the sizes of " + member.name + " contradict each other");
    }
    if (member.type == Type::directory && member.size != 0) {
        corrupt("the directory " + member.name + " has content");
    }
}

/// Compares the local header with the entry, and returns where the member's data ends.
std::uint64_t check_local(const Source& source, const ZipMember& member) {
    const auto differs = [&](const std::string& what) {
        corrupt("it says another " + what + " of " + member.name + " than the member itself");
    };
    const std::string fixed = source.text_at(member.position, local_size);
    if (fixed.size() < local_size || !fixed.starts_with("PK\3\4"sv)) {
        corrupt("there is no member where it says " + member.name + " is");
    }
    const std::size_t name_size = little16(fixed, 26);
    const std::size_t extra_size = little16(fixed, 28);
    const std::string variable =
        source.text_at(member.position + local_size, name_size + extra_size);
    if (variable.substr(0, name_size) != member.name) differs("name");
    if (variable.size() != name_size + extra_size) corrupt("a member is cut short");
    if (little16(fixed, 6) != member.flags) differs("form");
    if (little16(fixed, 8) != member.method) differs("compression");
    std::uint64_t packed = little(fixed, 18, 4);
    std::uint64_t size = little(fixed, 22, 4);
    apply_zip64(std::string_view(variable).substr(name_size), {&size, &packed});
    // With a descriptor after the data these three may be left open here, but not be wrong.
    const bool open = (member.flags & descriptor_flag) != 0;
    const auto agrees = [&](std::uint64_t here, std::uint64_t there) {
        return here == there || (open && here == 0);
    };
    if (!agrees(size, member.size) || !agrees(packed, member.packed)) differs("size");
    if (!agrees(little(fixed, 14, 4), member.checksum)) differs("checksum");
    return member.position + local_size + name_size + extra_size + member.packed;
}

/// The member's data ends at `end`; the next part begins at `next`. In between only a data
/// descriptor may stand, and must say the same again.
void check_gap(const Source& source, const ZipMember& member, std::uint64_t end,
               std::uint64_t next) {
    if (end == next && (member.flags & descriptor_flag) == 0) return;
    std::string descriptor = end < next && next - end <= 24
                                 ? source.text_at(end, static_cast<std::size_t>(next - end))
                                 : std::string();
    if (descriptor.starts_with("PK\7\x8"sv) && descriptor.size() % 8 == 0) {
        descriptor.erase(0, 4);
    }
    const std::size_t width = descriptor.size() == 20 ? 8 : 4;
    const bool agrees = (descriptor.size() == 12 || descriptor.size() == 20) &&
                        (member.flags & descriptor_flag) != 0 &&
                        little(descriptor, 0, 4) == member.checksum &&
                        little(descriptor, 4, width) == member.packed &&
                        little(descriptor, 4 + width, width) == member.size;
    if (!agrees) corrupt("there are unexplained bytes, or an overlap, after " + member.name);
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const Source& source, const Limits& limits) {
    const Extent extent = find_directory(source);
    if (extent.members > limits.members) {
        throw Broken(Fault::too_many, "it has " + std::to_string(extent.members) +
                                          " members; at most " + std::to_string(limits.members) +
                                          " are read");
    }
    std::vector<ZipMember> members;
    std::uint64_t at = extent.begin;
    for (std::uint64_t i = 0; i < extent.members; ++i) {
        members.push_back(read_entry(source, at, extent, limits));
        check_entry(members.back());
    }
    if (at != extent.end()) corrupt("it has more entries than it says");
    std::sort(members.begin(), members.end(),
              [](const ZipMember& a, const ZipMember& b) { return a.position < b.position; });
    std::uint64_t next = members.empty() ? extent.begin : members.front().position;
    if (next != 0) corrupt("there are unexplained bytes before the first member");
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint64_t end = check_local(source, members[i]);
        check_gap(source, members[i], end,
                  i + 1 < members.size() ? members[i + 1].position : extent.begin);
    }
    return members;
}

bool ends_like_zip(const Source& source) {
    return find_end(source).has_value();
}

}  // namespace archive
