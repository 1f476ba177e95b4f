// SPDX-License-Identifier: GPL-3.0-or-later
// All packages of an apt repository's suite. Private to this folder.
#pragma once

#include "core/model/clock.hpp"
#include "rt-bridge/fetch/basket.hpp"

namespace fetch {

/// Everything is pinned by the digests in one Release file; if the repository changes meanwhile,
/// all begins anew, three times at most. With trust it answers what to remember of the source.
std::optional<Sighting> fetch_apt(Basket& basket, const Source& source, const core::Clock& clock,
                                  const std::optional<Trust>& trust);

}  // namespace fetch
