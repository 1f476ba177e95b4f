// SPDX-License-Identifier: GPL-3.0-or-later
// The documents of a bundle, read in a cell: the task "documents" and who asks for it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "backends/yum/bundled_documents.hpp"
#include "core/system/cells.hpp"

namespace yum {

core::CellTask documents_task();

struct ReadDocuments {
    BundledDocuments documents;
    std::set<std::string> foreign;  // packages of which something was left out
};

/// As read_bundled(); of packages that are not `brought` all is left out, unless that is null.
/// Throws Refused (document-invalid).
ReadDocuments read_in_cell(const core::Cells& cells, const std::vector<std::string>& texts,
                           const std::string& own_advisory, const std::set<std::string>* brought);

}  // namespace yum
