// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at public/ outside of repositories' metadata: links lead where they should,
// packages are the pool's, and nothing is without an owner.
#pragma once

#include <set>
#include <string>

#include "core/audit/audit.hpp"

namespace core {

/// `client_files` are the paths of those in the generation.
void audit_public_tree(const Audit& audit, std::set<std::string> client_files);

}  // namespace core
