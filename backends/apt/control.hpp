// SPDX-License-Identifier: GPL-3.0-or-later
// The control file of a package, read strictly because what is written again must not become two
// paragraphs.
#pragma once

#include <string_view>
#include <vector>

#include "backends/apt/deb822.hpp"

namespace apt {

/// Its only paragraph. Throws Refused for anything but valid UTF-8 text of unique, well-formed
/// fields; the message names the line.
std::vector<Field> parse_control(std::string_view text);

}  // namespace apt
