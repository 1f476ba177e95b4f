// SPDX-License-Identifier: GPL-3.0-or-later
// How much a package adds to the indexes that every client fetches. Markup is written as
// references, so 60 MB of '&' in a description, 61 kB in a bundle, would be 300 MB at each site.
#pragma once

#include <cstddef>

#include "backends/shards/shards.hpp"
#include "backends/yum/header_view.hpp"
#include "core/model/package_limits.hpp"

namespace yum {

/// Of a package's element in `other`. No setting: see core/model/package_limits.hpp.
inline constexpr std::size_t largest_other = 1u << 20;

/// How many of the newest entries of the change log are published: at most changelog_limit, and no
/// more than fit into largest_other. Follows from the header alone.
int published_changes(const HeaderView& header);

/// How many of them would be, but for that size.
int cut_changes(const HeaderView& header);

/// Throws Refused (package-limit) if an element would be too large, by the least that its texts
/// need: before any of it is made.
void check_rendered(const HeaderView& header, const core::PackageLimits& limits);

/// Likewise, of the elements themselves.
void check_rendered(const shards::Fragments& fragments, const core::PackageLimits& limits);

}  // namespace yum
