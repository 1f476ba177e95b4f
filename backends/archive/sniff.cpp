// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/sniff.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace archive {
namespace {

using namespace std::string_view_literals;
using Magic = std::pair<std::string_view, Kind>;

constexpr std::array magics{
    Magic{"\x1f\x8b"sv, Kind::gzip},
    Magic{"\xfd"
          "7zXZ\0"sv,
          Kind::xz},
    Magic{"\x28\xb5\x2f\xfd"sv, Kind::zstd},
    Magic{"BZh"sv, Kind::bzip2},
    Magic{"PK\x03\x04"sv, Kind::zip},
    Magic{"PK\x05\x06"sv, Kind::zip},  // an empty one
    Magic{"PK\x07\x08"sv, Kind::zip},  // one part of several
    Magic{"\xed\xab\xee\xdb"sv, Kind::rpm},
    Magic{"!<arch>\ndebian-binary"sv, Kind::deb},
    Magic{"!<arch>\n"sv, Kind::other_archive},
    Magic{"7z\xbc\xaf\x27\x1c"sv, Kind::other_archive},
    Magic{"Rar!\x1a\x07"sv, Kind::other_archive},
    Magic{"MSCF\0\0\0\0"sv, Kind::other_archive},
    Magic{"070701"sv, Kind::other_archive},
    Magic{"070702"sv, Kind::other_archive},
    Magic{"070707"sv, Kind::other_archive},
    Magic{"\xc7\x71"sv, Kind::other_archive},
    Magic{"LZIP"sv, Kind::other_archive},
    Magic{"\x1f\x9d"sv, Kind::other_archive},
    Magic{"\x1f\xa0"sv, Kind::other_archive},
    Magic{"\x89LZO"sv, Kind::other_archive},
    Magic{"\x04\x22\x4d\x18"sv, Kind::other_archive},
    Magic{"xar!"sv, Kind::other_archive},
};

/// The checksum field is what all tar forms have in common; old ones have no magic.
bool looks_like_tar(std::string_view block) {
    constexpr std::size_t field = 148;
    constexpr std::size_t field_size = 8;
    if (block.size() < 512) return false;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 512; ++i) {
        const bool inside = i >= field && i < field + field_size;
        sum += inside ? ' ' : static_cast<std::uint8_t>(block[i]);
    }
    std::uint32_t stated = 0;
    bool digits = false;
    for (const char c : block.substr(field, field_size)) {
        if (c >= '0' && c <= '7') {
            stated = stated * 8 + static_cast<std::uint32_t>(c - '0');
            digits = true;
        } else if (digits) {
            break;
        } else if (c != ' ') {
            return false;
        }
    }
    return digits && stated == sum;
}

/// lc/lp/pb byte, a dictionary of 2^n or 2^n+2^(n-1) bytes, and an unknown or sane size: the test
/// that xz and file(1) apply too.
bool looks_like_lzma(std::string_view bytes) {
    if (bytes.size() < 14 || bytes[0] != 0x5d || bytes[13] != 0) return false;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint32_t dictionary = byte(1) | static_cast<std::uint32_t>(byte(2)) << 8 |
                                     static_cast<std::uint32_t>(byte(3)) << 16 |
                                     static_cast<std::uint32_t>(byte(4)) << 24;
    if (dictionary == 0 || (dictionary & 0xfff) != 0) return false;
    const bool unknown_size = bytes.substr(5, 8) == "\xff\xff\xff\xff\xff\xff\xff\xff"sv;
    return unknown_size || (byte(11) == 0 && byte(12) == 0);
}

}  // namespace

Kind kind_of(std::string_view first_bytes) {
    if (first_bytes.empty()) return Kind::empty;
    for (const auto& [magic, kind] : magics) {
        if (first_bytes.starts_with(magic)) return kind;
    }
    if (looks_like_tar(first_bytes)) return Kind::tar;
    if (looks_like_lzma(first_bytes)) return Kind::lzma;
    return Kind::unknown;
}

bool is_compressed(Kind kind) {
    return kind == Kind::gzip || kind == Kind::xz || kind == Kind::zstd || kind == Kind::bzip2 ||
           kind == Kind::lzma;
}

bool is_archive(Kind kind) {
    return kind == Kind::tar || kind == Kind::zip || kind == Kind::other_archive;
}

std::string_view description(Kind kind) {
    switch (kind) {
        case Kind::empty:
            return "an empty file";
        case Kind::gzip:
            return "a gzip file";
        case Kind::xz:
            return "an xz file";
        case Kind::zstd:
            return "a zstd file";
        case Kind::bzip2:
            return "a bzip2 file";
        case Kind::lzma:
            return "an lzma file";
        case Kind::tar:
            return "a tar archive";
        case Kind::zip:
            return "a zip archive";
        case Kind::other_archive:
            return "an archive of another kind";
        case Kind::rpm:
            return "an RPM package";
        case Kind::deb:
            return "a Debian package";
        case Kind::unknown:
            break;
    }
    return "a file of unknown kind";
}

}  // namespace archive
