// SPDX-License-Identifier: GPL-3.0-or-later
// Start and end tags, as they are meant: providers forget quotes, blanks and brackets.
#pragma once

#include "backends/bundle/xml_cursor.hpp"

namespace bundle {

/// Both begin at the tag's '<' and move behind what they took for the tag.
void read_start_tag(XmlCursor& cursor);
void read_end_tag(XmlCursor& cursor);

}  // namespace bundle
