// SPDX-License-Identifier: GPL-3.0-or-later
// xz files of one stream: dnf, zypper and apt all reject several. Slow; off unless a platform asks.
#pragma once

#include <filesystem>

namespace apt {

/// Compresses a file, with all cores; the same file always gives the same bytes.
void write_xz(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace apt
