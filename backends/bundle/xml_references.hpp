// SPDX-License-Identifier: GPL-3.0-or-later
// References in text and attribute values: "&amp;", "&#233;". An entity beyond the five of XML
// would need a DTD, which is never read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bundle {

struct Reference {
    enum class Kind { sound, no_character, undefined, none };
    Kind kind = Kind::none;
    std::string_view name;         // "amp", "#233"
    std::size_t length = 1;        // as written
    std::string characters = "&";  // what it stands for, or at least what to show for it
};

/// What the '&' at the beginning of `text` begins.
Reference read_reference(std::string_view text);

}  // namespace bundle
