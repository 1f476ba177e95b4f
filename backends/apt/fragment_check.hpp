// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what a cell said of a package can be published: it speaks of that package and no other,
// and of it in the words of an index.
#pragma once

#include <cstddef>

#include "backends/shards/shards.hpp"
#include "core/model/package.hpp"

namespace apt {

/// The stanza in Packages, the list of files.
inline constexpr std::size_t fragment_count = 2;

/// Throws Refused (package-corrupt).
void check_fragments(const shards::Fragments& fragments, const core::Package& package);

}  // namespace apt
