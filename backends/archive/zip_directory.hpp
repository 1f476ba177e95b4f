// SPDX-License-Identifier: GPL-3.0-or-later
// What a zip archive says of itself, twice: the central directory at its end and the header before
// each member (PKWARE APPNOTE 6.3). Readers differ in which one they believe, so both must agree,
// and the parts must fill the file without gap or overlap: nothing hidden, nothing counted twice.
// libarchive (3.6, seekable or streaming) takes a member under another name, a hidden, prefixed or
// listed-twice one, two end records, and a zip64 record that contradicts them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/archive/reader.hpp"
#include "backends/archive/source.hpp"

namespace archive {

struct ZipMember {
    static constexpr std::uint16_t stored = 0;  // methods; there are no others
    static constexpr std::uint16_t deflated = 8;

    std::string name;
    Type type = Type::regular;
    unsigned mode = 0;
    std::uint64_t size = 0;
    std::uint64_t packed = 0;    // compressed size
    std::uint64_t position = 0;  // of the local header
    std::uint64_t data = 0;      // where the compressed bytes begin
    std::uint32_t checksum = 0;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
};

/// All members, by position. Throws Broken.
std::vector<ZipMember> read_zip_directory(const Source& source, const Limits& limits);

}  // namespace archive
