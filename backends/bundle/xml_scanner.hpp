// SPDX-License-Identifier: GPL-3.0-or-later
// Judges whether a text is well-formed XML 1.0, reports everything that is not, and mends a copy of
// it as well as can be: pugixml stops at its first fault, and accepts much that XML forbids.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"

namespace bundle {

struct Scan {
    std::string mended;               // well-formed as far as we know, without a DOCTYPE
    std::vector<std::size_t> starts;  // of the start tags, in document order, in the scanned text
    std::string doctype;
    bool has_doctype = false;
    bool complete = false;  // false: a limit was met, there is nothing to go on with
};

/// `text` is what read_characters made.
Scan scan_xml(std::string_view text, const XmlLimits& limits, const LineTable& lines,
              Findings& findings);

}  // namespace bundle
