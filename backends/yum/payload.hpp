// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the payload is what the header says: compressed as it says, and of its files each one,
// once, with its type, size, bytes and target, and no other. rpm finds out while it installs, when
// it is too late.
#pragma once

#include "backends/archive/source.hpp"
#include "backends/yum/header_view.hpp"
#include "core/model/package_limits.hpp"

namespace yum {

/// `payload` is all that follows the main header, which has passed check_shape(). Throws Refused
/// (package-corrupt, package-unsupported, package-limit).
void check_payload(const archive::Source& payload, const HeaderView& header,
                   const core::PackageLimits& limits);

}  // namespace yum
