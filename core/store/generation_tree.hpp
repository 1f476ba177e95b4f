// SPDX-License-Identifier: GPL-3.0-or-later
// The directories of a generation. As in a tree of git, a directory that did not change is one
// link to the real directory where it already stands, in an earlier generation, and never to
// another link. So a commit makes the directories that lead to what it changes, and no others.
//
// All paths are relative to public/ ("generations/000017/production") or to a generation
// ("production/umd5/el9"), as said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "core/model/layout.hpp"

namespace core {

/// Paths in a generation.
struct TreeChange {
    std::set<std::string> made;    // directories that somebody writes anew, as a whole
    std::set<std::string> gone;    // that are not there any more
    std::set<std::string> opened;  // that get other files: what is below them may stay
};

/// Links all that stays of generation `before` (0: there is none) in `directory`, where the next
/// one is made. The directories that lead to `made` are its own, and so are those in `opened`;
/// returns them all. Throws Error if what is linked is not there.
std::set<std::string> link_unchanged(const Layout& layout, std::uint64_t before,
                                     const TreeChange& change,
                                     const std::filesystem::path& directory);

/// Where a directory of a generation really stands, below public/. Throws Error if it is not there,
/// or a link on the way leads elsewhere.
std::string real_place(const Layout& layout, std::uint64_t generation, std::string_view path);

/// All real directories that generations consist of, below public/.
std::set<std::string> real_directories(const Layout& layout,
                                       const std::set<std::uint64_t>& generations);

/// True if one of `paths` is `directory` or below it.
bool lead_to(const std::set<std::string>& paths, const std::string& directory);

}  // namespace core
