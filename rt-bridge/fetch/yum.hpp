// SPDX-License-Identifier: GPL-3.0-or-later
// All packages of a yum repository. Private to this folder.
#pragma once

#include "rt-bridge/fetch/basket.hpp"

namespace fetch {

/// Everything is pinned by the digests in one repomd.xml; if the repository changes meanwhile, all
/// begins anew, three times at most. With trust it answers what to remember of the source.
std::optional<Sighting> fetch_yum(Basket& basket, const std::string& url,
                                  const std::optional<Trust>& trust);

}  // namespace fetch
