// SPDX-License-Identifier: GPL-3.0-or-later
// The auditor: reads everything a depot keeps and publishes again, and reports what is not as it
// should be. It trusts nothing that it can make anew: every index is composed again, from the
// packages themselves and with an empty cache, and must come out with the same bytes.
#pragma once

#include <vector>

#include "core/audit/audit.hpp"
#include "core/audit/repository_audit.hpp"

namespace core {

/// Needs the lock, so that nothing changes meanwhile. Nothing found: the depot is sound.
std::vector<Finding> audit(const Depot& depot, const Collaborators& collaborators,
                           const FreshFormats& fresh_formats);

}  // namespace core
