// SPDX-License-Identifier: GPL-3.0-or-later
// Group lists of several releases as one: dnf reads one comps file for each repository.
#pragma once

#include <string>
#include <vector>

namespace yum {

/// `documents` are <comps> elements in normal form (bundled_documents.hpp). Groups, categories and
/// environments of one id become one: names and descriptions from the first that has the id,
/// package and group lists from all. Sorted by id; same documents in the same order, same bytes.
std::string merged_comps(const std::vector<std::string>& documents);

}  // namespace yum
