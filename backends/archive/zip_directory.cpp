// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/zip_directory.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <sys/stat.h>

#include "backends/archive/zip_end.hpp"

namespace archive {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t central_size = 46;  // of an entry, before its name
constexpr std::size_t local_size = 30;    // of a member's own header, likewise
constexpr std::uint16_t encrypted_flag = 1 << 0;
constexpr std::uint16_t descriptor_flag = 1 << 3;  // sizes follow the data
constexpr std::uint16_t strong_encryption_flag = 1 << 6;
constexpr std::uint16_t masked_flag = 1 << 13;

/// Reads what both headers say, in the same order; `common` begins with it.
void read_common(std::string_view common, ZipMember& member) {
    member.flags = little_endian_16(common, 0);
    member.method = little_endian_16(common, 2);
    member.checksum = static_cast<std::uint32_t>(little_endian(common, 8, 4));
    member.packed = little_endian(common, 12, 4);
    member.size = little_endian(common, 16, 4);
}

/// Replaces what is marked as "in the zip64 field" by the values of that field, in their order.
void apply_zip64(std::string_view extra, std::initializer_list<std::uint64_t*> values) {
    while (extra.size() >= 4) {
        const std::uint16_t id = little_endian_16(extra, 0);
        const std::size_t size = little_endian_16(extra, 2);
        if (4 + size > extra.size()) refuse_zip("an extra field is cut short");
        std::string_view field = extra.substr(4, size);
        extra.remove_prefix(4 + size);
        if (id != 0x0001) continue;
        for (std::uint64_t* value : values) {
            if (*value != in_zip64) continue;
            if (field.size() < 8) refuse_zip("a zip64 field is cut short");
            *value = little_endian(field, 0, 8);
            field.remove_prefix(8);
        }
        return;
    }
}

Type type_of(unsigned unix_mode, std::string_view name) {
    switch (unix_mode & S_IFMT) {
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
            return name.ends_with('/') ? Type::directory : Type::regular;
        default:
            return Type::other;
    }
}

/// The mode of the file, where a system made the entry that has modes; else 0.
unsigned unix_mode_of(std::string_view entry) {
    constexpr unsigned unix_system = 3;
    constexpr unsigned darwin_system = 19;
    const unsigned made_on = little_endian_16(entry, 4) >> 8;
    const bool has_mode = made_on == unix_system || made_on == darwin_system;
    return has_mode ? little_endian_16(entry, 40) : 0u;
}

/// The entry of the central directory at `at`, which moves behind it.
ZipMember read_entry(const Source& source, std::uint64_t& at, std::uint64_t end,
                     const Limits& limits) {
    const std::string fixed = source.text_at(at, central_size);
    if (fixed.size() < central_size || !fixed.starts_with("PK\1\2"sv)) {
        refuse_zip("an entry is missing");
    }
    const std::size_t name_size = little_endian_16(fixed, 28);
    const std::size_t extra_size = little_endian_16(fixed, 30);
    const std::size_t total = central_size + name_size + extra_size + little_endian_16(fixed, 32);
    if (total > end - at) refuse_zip("an entry reaches beyond it");
    if (name_size > limits.name_bytes) {
        throw Broken(Fault::name_too_long,
                     "a member's name has " + std::to_string(name_size) + " bytes");
    }
    const std::string variable = source.text_at(at + central_size, name_size + extra_size);
    if (variable.size() != name_size + extra_size) refuse_zip("an entry is cut short");
    ZipMember member;
    read_common(std::string_view(fixed).substr(8), member);
    member.name = variable.substr(0, name_size);
    member.position = little_endian(fixed, 42, 4);
    apply_zip64(std::string_view(variable).substr(name_size),
                {&member.size, &member.packed, &member.position});
    const unsigned unix_mode = unix_mode_of(fixed);
    member.type = type_of(unix_mode, member.name);
    member.mode = unix_mode & 07777;
    at += total;
    return member;
}

void check_entry(const ZipMember& member) {
    if ((member.flags & (encrypted_flag | strong_encryption_flag | masked_flag)) != 0) {
        throw Broken(Fault::encrypted, "its member " + member.name + " is encrypted",
                     "hand in an archive without a password");
    }
    if (member.method != ZipMember::stored && member.method != ZipMember::deflated) {
        throw Broken(Fault::unknown,
                     "its member " + member.name + " is compressed with method " +
                         std::to_string(member.method),
                     "use zip's usual method (deflate)");
    }
    if (member.method == ZipMember::stored && member.size != member.packed) {
        refuse_zip("the sizes of " + member.name + " contradict each other");
    }
    if (member.type == Type::directory && member.size != 0) {
        refuse_zip("the directory " + member.name + " has content");
    }
}

/// Compares the header before the data with the entry, and notes where the data begins.
void check_local(const Source& source, ZipMember& member) {
    const auto differs = [&](const std::string& what) {
        refuse_zip("it says another " + what + " of " + member.name + " than the member itself");
    };
    const std::string fixed = source.text_at(member.position, local_size);
    if (fixed.size() < local_size || !fixed.starts_with("PK\3\4"sv)) {
        refuse_zip("there is no member where it says " + member.name + " is");
    }
    const std::size_t name_size = little_endian_16(fixed, 26);
    const std::size_t rest_size = name_size + little_endian_16(fixed, 28);
    const std::string rest = source.text_at(member.position + local_size, rest_size);
    if (rest.substr(0, name_size) != member.name) differs("name");
    if (rest.size() != rest_size) refuse_zip("a member is cut short");
    ZipMember local;
    read_common(std::string_view(fixed).substr(6), local);
    if (local.flags != member.flags) differs("form");
    if (local.method != member.method) differs("compression");
    apply_zip64(std::string_view(rest).substr(name_size), {&local.size, &local.packed});
    // With a descriptor after the data these three may be left open here, but not be wrong.
    const bool open = (member.flags & descriptor_flag) != 0;
    const auto agrees = [&](std::uint64_t here, std::uint64_t there) {
        return here == there || (open && here == 0);
    };
    if (!agrees(local.size, member.size) || !agrees(local.packed, member.packed)) differs("size");
    if (!agrees(local.checksum, member.checksum)) differs("checksum");
    member.data = member.position + local_size + rest_size;
}

[[noreturn]] void refuse_gap(const ZipMember& member) {
    refuse_zip("there are unexplained bytes, or an overlap, after " + member.name);
}

/// The next part begins at `next`. Between it and the member's data only a data descriptor may
/// stand, and must say the same again.
void check_gap(const Source& source, const ZipMember& member, std::uint64_t next) {
    if (member.data > next || member.packed > next - member.data) refuse_gap(member);
    const std::uint64_t end = member.data + member.packed;
    const bool described = (member.flags & descriptor_flag) != 0;
    if (end == next && !described) return;
    std::string descriptor = next - end <= 24
                                 ? source.text_at(end, static_cast<std::size_t>(next - end))
                                 : std::string();
    if (descriptor.starts_with("PK\7\x8"sv) && descriptor.size() % 8 == 0) {
        descriptor.erase(0, 4);
    }
    const std::size_t width = descriptor.size() == 20 ? 8 : 4;
    const bool agrees = (descriptor.size() == 12 || descriptor.size() == 20) && described &&
                        little_endian(descriptor, 0, 4) == member.checksum &&
                        little_endian(descriptor, 4, width) == member.packed &&
                        little_endian(descriptor, 4 + width, width) == member.size;
    if (!agrees) refuse_gap(member);
}

std::vector<ZipMember> read_entries(const Source& source, const ZipExtent& extent,
                                    const Limits& limits) {
    limits.check_count(extent.members);
    std::vector<ZipMember> members;
    std::uint64_t names = 0;
    std::uint64_t at = extent.begin;
    for (std::uint64_t i = 0; i < extent.members; ++i) {
        members.push_back(read_entry(source, at, extent.end(), limits));
        check_entry(members.back());
        limits.check_names(names += members.back().name.size());
    }
    if (at != extent.end()) refuse_zip("it has more entries than it says");
    return members;
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const Source& source, const Limits& limits) {
    const ZipExtent extent = find_zip_directory(source);
    std::vector<ZipMember> members = read_entries(source, extent, limits);
    std::ranges::sort(members, {}, &ZipMember::position);
    if ((members.empty() ? extent.begin : members.front().position) != 0) {
        refuse_zip("there are unexplained bytes before the first member");
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        check_local(source, members[i]);
        check_gap(source, members[i],
                  i + 1 < members.size() ? members[i + 1].position : extent.begin);
    }
    return members;
}

}  // namespace archive
