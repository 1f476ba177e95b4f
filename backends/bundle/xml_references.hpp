// SPDX-License-Identifier: GPL-3.0-or-later
// References in text and attribute values: "&amp;", "&#233;". An entity beyond the five of XML
// would need a DTD, which is never read.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "backends/bundle/xml_findings.hpp"
#include "backends/bundle/xml_nesting.hpp"

namespace bundle {

/// Checks text[begin, end), which is of the innermost open element or, in it, of the start tag
/// `tag`. `quiet`: undefined entities were reported already, with the DOCTYPE that declares them.
void check_references(std::string_view text, std::size_t begin, std::size_t end,
                      const Nesting& nesting, std::string_view tag, bool quiet,
                      const LineTable& lines, Findings& findings, std::vector<Edit>& edits);

}  // namespace bundle
