// SPDX-License-Identifier: GPL-3.0-or-later
// The layer below the markup: is this text at all, is it UTF-8, and does it say so?
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "backends/bundle/xml_findings.hpp"

namespace bundle {

/// `bytes` without its byte order mark, with a '_' for each byte that is no legal character, so
/// that offsets stay true. Nothing if this is another encoding altogether; then one finding says
/// so.
std::optional<std::string> read_characters(std::string_view bytes, Findings& findings);

/// Judges an XML declaration, `content` being what stands between "<?xml" and "?>". `ascii`: the
/// document has ASCII characters only.
void check_declaration(std::string_view content, Place place, bool ascii, Findings& findings);

}  // namespace bundle
