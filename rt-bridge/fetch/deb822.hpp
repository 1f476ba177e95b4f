// SPDX-License-Identifier: GPL-3.0-or-later
// Paragraphs of "Field: value" lines (Debian policy §5.1), as Release and Packages files have them.
// Private to this folder.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fetch {

/// Field names in lower case. Lines of a longer value are joined with newlines, without the blank
/// that they begin with.
using Paragraph = std::map<std::string, std::string>;

/// Throws Refused (repository-invalid) for anything that is none, and for a field that stands twice
/// in one paragraph. `where` names the text.
std::vector<Paragraph> parse_deb822(std::string_view text, const std::string& where);

/// Empty if there is no such field.
const std::string& value_of(const Paragraph& paragraph, const std::string& field);

}  // namespace fetch
