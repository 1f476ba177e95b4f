// SPDX-License-Identifier: GPL-3.0-or-later
// What a zip archive says of itself, twice: the central directory at its end and the header before
// each member (PKWARE APPNOTE 6.3). Readers differ in which one they believe, so both must agree,
// and the parts must fill the file without gap or overlap: nothing hidden, nothing counted twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/archive/reader.hpp"
#include "backends/archive/source.hpp"

namespace archive {

struct ZipMember {
    std::string name;
    Type type = Type::regular;
    unsigned mode = 0;
    std::uint64_t size = 0;
    std::uint64_t packed = 0;    // compressed size
    std::uint64_t position = 0;  // of the local header
    std::uint32_t checksum = 0;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
};

/// All members, by position. Throws Broken.
std::vector<ZipMember> read_zip_directory(const Source& source, const Limits& limits);

/// True if the source ends with a zip archive's end record, whatever it begins with.
bool ends_like_zip(const Source& source);

}  // namespace archive
