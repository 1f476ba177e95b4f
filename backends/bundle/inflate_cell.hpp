// SPDX-License-Identifier: GPL-3.0-or-later
// A compressed file of a bundle, looked into in a cell: the task "inflate" and who asks for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/model/bundle_limits.hpp"
#include "core/system/cells.hpp"

namespace bundle {

core::CellTask inflate_task();

/// The first content_head bytes of what comes out of `file`. Throws Refused, with the codes of
/// archive::Broken.
std::string inflated_head(const core::Cells& cells, const std::filesystem::path& file);

/// Has all of it written to `to`, at most `most` bytes. Likewise. When this returns or throws, the
/// cell has ended.
void inflate(const core::Cells& cells, const std::filesystem::path& file, core::File to,
             const core::BundleLimits& limits, std::uint64_t most);

}  // namespace bundle
