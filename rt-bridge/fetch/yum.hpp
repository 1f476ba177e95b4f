// SPDX-License-Identifier: GPL-3.0-or-later
// All packages of a yum repository. Private to this folder.
#pragma once

#include "core/signer.hpp"
#include "rt-bridge/fetch/basket.hpp"

namespace fetch {

/// Everything is pinned by the digests in one repomd.xml; if the repository changes meanwhile, all
/// begins anew, three times at most. `verifier` may be null.
void fetch_yum(Basket& basket, const std::string& url, const core::Verifier* verifier);

}  // namespace fetch
