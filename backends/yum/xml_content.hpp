// SPDX-License-Identifier: GPL-3.0-or-later
// The text between the root's tags of an index of ours, read strictly: XML 1.0 as far as such texts
// need it, and nothing else (no comments, sections, instructions or entities of one's own). What
// passes is well-formed to every parser, wherever in the document it stands. One pass, because all
// that a commit writes anew goes through it.
#pragma once

#include <cstddef>
#include <string_view>

namespace yum {

/// The prefix of names in the entries of an index of packages, which its root declares.
constexpr std::string_view prefix_in(std::string_view index) {
    return index == "primary" ? "rpm" : "";
}

/// How many elements there are side by side. `prefix` is the one that names may have. Throws Error,
/// with the place, unless all of it is well-formed.
std::size_t count_elements(std::string_view content, std::string_view prefix = {});

}  // namespace yum
