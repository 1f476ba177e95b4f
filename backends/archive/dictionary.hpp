// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that a compressed stream makes its reader take: the largest dictionary (window) of any
// part of it. xz, lzma and zstd say it part by part, and their libraries believe them. It is read
// from the form of the stream alone, which says how long each part is; nothing is decompressed.
#pragma once

#include <cstdint>

#include "backends/archive/sniff.hpp"
#include "backends/archive/source.hpp"

namespace archive {

/// In bytes, of all of `source`, which is compressed as `kind` says; 0 for gzip and bzip2, which
/// take little, and for what is not compressed. Throws Broken if the stream has not the form of
/// that kind: what is cut is found by those who decompress it, and no error here.
std::uint64_t dictionary_size(const Source& source, Kind kind);

}  // namespace archive
