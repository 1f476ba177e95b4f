// SPDX-License-Identifier: GPL-3.0-or-later
// The advisory of a release: what `dnf updateinfo` tells a site about it.
#pragma once

#include <string>

#include "core/model/platform.hpp"
#include "core/model/release.hpp"

namespace yum {

/// One <update> element over the binary packages the release has for `platform`; empty if it has
/// none. Same release, same bytes.
std::string release_advisory(const core::Release& release, const core::Platform& platform);

}  // namespace yum
