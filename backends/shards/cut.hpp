// SPDX-License-Identifier: GPL-3.0-or-later
// Where an index is cut into shards. Borders depend on the rows near them alone, so that rows that
// come and go elsewhere do not move them: where a least size shifts one, the next few meet again.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "backends/shards/shards.hpp"
#include "core/model/digest.hpp"
#include "core/model/repository.hpp"

namespace shards {

using Part = std::span<const core::Row>;

/// All rows, in order, none of the parts empty.
std::vector<Part> cut(const core::Rows& rows, Cut where);

/// Names what a shard holds. `kind` and `files` (how many) say what is rendered of each row.
core::Digest key_of(Part part, std::string_view kind, std::size_t files);

}  // namespace shards
