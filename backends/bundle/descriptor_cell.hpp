// SPDX-License-Identifier: GPL-3.0-or-later
// A descriptor, parsed in a cell: the task "descriptor" and who asks for it.
#pragma once

#include <string>

#include "core/model/bundle_limits.hpp"
#include "core/model/descriptor.hpp"
#include "core/system/cells.hpp"

namespace bundle {

core::CellTask descriptor_task();

/// As parse_descriptor(). A document that ends its cell is an error in the report.
core::ParsedDescriptor parse_in_cell(const core::Cells& cells, const std::string& text,
                                     const std::string& file_name,
                                     const core::BundleLimits& limits = {});

}  // namespace bundle
