// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a whole descriptor along the schema of its revision: notes every field and where it stands,
// and reports what the schema does not know and values that are not what they should be.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "backends/bundle/descriptor_schema.hpp"
#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"
#include "core/model/descriptor.hpp"

namespace bundle {

struct Survey {
    std::vector<core::DescriptorField> fields;              // in document order
    std::unordered_map<const Element*, std::string> paths;  // "Release/Package[2]/Name"
    bool complete = true;  // false: the fields would take too much memory
};

/// `elements` must outlive the survey, unmoved.
Survey survey(const std::vector<Element>& elements, const Schema& schema, Findings& findings);

Place place_of(const Element& element);

/// Its own text and that of the elements in it, without blanks at the ends.
std::string full_text(const Element& element);

}  // namespace bundle
