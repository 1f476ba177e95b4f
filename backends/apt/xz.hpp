// SPDX-License-Identifier: GPL-3.0-or-later
// xz files of one stream: dnf, zypper and apt all reject several. Slow; off unless a platform asks.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/system/files.hpp"

namespace apt {

/// Writes the text of a gzip file, which has `size` bytes, with all cores; the same text always
/// gives the same bytes. Returns the new file, still open.
core::File write_xz(const std::filesystem::path& gzip, std::uint64_t size,
                    const std::filesystem::path& to);

}  // namespace apt
