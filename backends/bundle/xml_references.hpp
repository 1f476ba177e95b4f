// SPDX-License-Identifier: GPL-3.0-or-later
// References in text and attribute values: "&amp;", "&#233;". An entity beyond the five of XML
// would need a DTD, which is never read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/model/reason.hpp"

namespace bundle {

struct Reference {
    std::size_t length = 0;  // as written
    std::string characters;  // what it stands for, or at least what to show for it
    core::reason::Code code;
    std::string message;  // empty: it is sound
    std::string remedy;
    bool undefined = false;  // of an entity that XML does not define
};

/// What the '&' at the beginning of `text` begins.
Reference read_reference(std::string_view text);

}  // namespace bundle
