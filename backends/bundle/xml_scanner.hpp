// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a text as XML 1.0, reports everything that is not well-formed, and makes the best of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"

namespace bundle {

struct Scan {
    std::vector<Element> roots;  // without namespaces; none where a limit was met
    std::string doctype;
    bool has_doctype = false;
};

/// `text` is what read_characters made.
Scan scan_xml(std::string_view text, const XmlLimits& limits, const LineTable& lines,
              Findings& findings);

}  // namespace bundle
