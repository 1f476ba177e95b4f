// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at public/ outside of repositories' metadata: links lead where they should,
// packages are the pool's, and nothing is without an owner.
#pragma once

#include "core/audit.hpp"

namespace core {

void audit_public_tree(const Audit& audit);

}  // namespace core
