// SPDX-License-Identifier: GPL-3.0-or-later
// A bundle that is an archive. A cell reads it and names its members; whether one is taken is
// decided here, and what the cell then writes is looked at after it has ended.
#pragma once

#include <filesystem>

#include "backends/bundle/reader.hpp"
#include "backends/bundle/receiver.hpp"
#include "core/system/cells.hpp"

namespace bundle {

/// Hands all members to `receiver`, in their order. Throws Refused where the archive is damaged or
/// a limit is exceeded.
void read_archive(const core::Cells& cells, const std::filesystem::path& path,
                  const core::BundleLimits& limits, Scratch& scratch, Receiver& receiver);

}  // namespace bundle
