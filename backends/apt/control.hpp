// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's control format (deb822(5)): paragraphs of fields, read strictly because what is written
// again must not become two paragraphs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apt {

struct Field {
    std::string name;
    std::string value;  // lines after the first as in the file: "\n text", never blank
};

/// The only paragraph of a package's control file. Throws Refused for anything but valid UTF-8 text
/// of unique, well-formed fields; the message names the line.
std::vector<Field> parse_control(std::string_view text);

/// Case does not count in the names of fields.
bool same_name(std::string_view a, std::string_view b);

/// The value of a field, by its name in any case; empty if it is not there.
std::string_view value_of(const std::vector<Field>& fields, std::string_view name);

}  // namespace apt
