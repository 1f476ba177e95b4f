// SPDX-License-Identifier: GPL-3.0-or-later
// A document in the form in which we keep it: an <update>, or <comps>.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "backends/bundle/xml.hpp"

namespace yum {

/// Throws Error if it is damaged.
bundle::Element parse_own(std::string_view text);

/// Empty: it has none.
std::string id_of(const bundle::Element& element);

/// "advisory ID" or "group ID" of each part. Clients look for a name among groups, categories and
/// environments alike, so all of them are groups here.
std::set<std::string> ids_in(const bundle::Element& document);

}  // namespace yum
