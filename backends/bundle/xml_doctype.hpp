// SPDX-License-Identifier: GPL-3.0-or-later
// Reads over a document type declaration. What it declares is never used; the only question is
// whether it declares an entity or sends the reader elsewhere. The published DTD of revision D is
// not legal itself, so the declarations inside are not judged.
#pragma once

#include <cstddef>
#include <string_view>

namespace bundle {

struct Doctype {
    std::string_view name;
    bool external = false;  // names an external subset
    bool entities = false;  // declares or uses a parameter or general entity
    std::size_t end = 0;    // after its '>'; 0: it never ends
};

/// `begin` is the offset after "<!DOCTYPE".
Doctype read_doctype(std::string_view text, std::size_t begin);

}  // namespace bundle
