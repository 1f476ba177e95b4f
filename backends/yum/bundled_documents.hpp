// SPDX-License-Identifier: GPL-3.0-or-later
// The updateinfo and comps files of a bundle: hostile XML on its way into our repositories.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/yum/foreign_references.hpp"

namespace yum {

struct BundledDocuments {
    std::vector<std::string> updates;  // one <update> element each
    std::vector<std::string> groups;   // one <comps> element each
};

/// Checks each document and brings it into normal form: our own indentation and escaping, no
/// comments, no DOCTYPE, no namespaces. An advisory may stand in two files if it is the same; none
/// may have the id `own_advisory`. Throws Refused (document-invalid).
/// `foreign` takes out what is of packages that the release does not bring; null: it may stay.
BundledDocuments read_bundled(const std::vector<std::string>& texts, std::string_view own_advisory,
                              ForeignReferences* foreign);

}  // namespace yum
