// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a zip archive: the records that say where its central directory is (PKWARE APPNOTE
// 6.3, sections 4.3.14 to 4.3.16).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "backends/archive/source.hpp"

namespace archive {

/// Where the central directory is; its last byte stands right before the end records.
struct ZipExtent {
    std::uint64_t members = 0;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t end() const { return begin + size; }
};

/// Throws Broken, also if there is anything behind the archive's end.
ZipExtent find_zip_directory(const Source& source);

/// True if the source ends with a zip archive's end record, whatever it begins with.
bool ends_like_zip(const Source& source);

/// The real value is in the zip64 record or field.
inline constexpr std::uint64_t in_zip64 = 0xffffffff;

/// The number of `size` bytes at `offset`, the lowest byte first.
std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t size);
std::uint16_t little_endian_16(std::string_view bytes, std::size_t offset);

/// Throws Broken: the directory is damaged.
[[noreturn]] void refuse_zip(const std::string& what);

}  // namespace archive
