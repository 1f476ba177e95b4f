// SPDX-License-Identifier: GPL-3.0-or-later
// Receives a bundle: an archive (recognised by content, never by name) or a directory. Each file
// that matters is copied into a scratch file of ours while it is hashed, and recognised by what is
// in it; the provider's names are kept for messages and platforms only, never used as paths.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "backends/archive/reader.hpp"
#include "core/model/bundle_limits.hpp"
#include "core/system/cells.hpp"
#include "core/work/bundle.hpp"

namespace bundle {

/// None so large is even read; the parser tells how large one may be.
inline constexpr std::uint64_t largest_descriptor = 8u << 20;

/// What of the bounds the container has to keep, a directory too.
archive::Limits container_limits(const core::BundleLimits& limits);

/// A descriptor that is handed in beside the bundle; one inside is then not used.
struct GivenDescriptor {
    std::string text;
    std::string file_name;
};

/// Reads `path`, writing only to `scratch`, a directory that exists. What is wrong with single
/// members or the descriptor is in the bundle's report, errors included, so that all is told at
/// once; what stops the reading (a damaged archive, a limit) throws Refused with the report so far
/// in it. When this throws, nothing that it wrote is left in `scratch`; else the files of the
/// bundle are, and are the caller's.
///
/// Archives are read in a cell with the task "archive", descriptors in one with "descriptor".
core::Bundle read(const core::Cells& cells, const std::filesystem::path& path,
                  const std::filesystem::path& scratch, const core::BundleLimits& limits = {},
                  const std::optional<GivenDescriptor>& given = std::nullopt);

}  // namespace bundle
