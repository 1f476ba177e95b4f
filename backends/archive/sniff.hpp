// SPDX-License-Identifier: GPL-3.0-or-later
// What a file is, by its first bytes. Names are never asked.
#pragma once

#include <string_view>

namespace archive {

enum class Kind {
    empty,
    gzip,
    xz,
    zstd,
    bzip2,
    lzma,  // has no magic number: a plausible header
    tar,
    zip,
    other_archive,  // 7z, rar, cpio, cab, ar, lzip, compress, zlib-less forms: never read
    rpm,
    deb,
    unknown,
};

/// How many first bytes kind_of wants to see.
inline constexpr std::size_t sniff_size = 512;

Kind kind_of(std::string_view first_bytes);

bool is_compressed(Kind kind);
bool is_archive(Kind kind);  // tar, zip, other_archive

/// "a gzip file", for messages.
std::string_view description(Kind kind);

}  // namespace archive
