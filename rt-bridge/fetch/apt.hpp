// SPDX-License-Identifier: GPL-3.0-or-later
// All packages of an apt repository's suite. Private to this folder.
#pragma once

#include "core/clock.hpp"
#include "core/signer.hpp"
#include "rt-bridge/fetch/basket.hpp"

namespace fetch {

/// Everything is pinned by the digests in one Release file; if the repository changes meanwhile,
/// all begins anew, three times at most. `verifier` may be null.
void fetch_apt(Basket& basket, const Source& source, const core::Clock& clock,
               const core::Verifier* verifier);

}  // namespace fetch
