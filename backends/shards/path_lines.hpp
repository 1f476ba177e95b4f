// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of an index of paths, "usr/bin/argus net/argus,net/argus-ng\n", and where they are cut
// into shards. Borders depend on the paths near them alone, so that what comes and goes elsewhere
// does not move them.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shards {

/// A path and one of its owners; views into texts that live longer.
struct PathOwner {
    std::string_view path;
    std::string_view owner;

    auto operator<=>(const PathOwner&) const = default;
};

/// Bytewise by path, then by owner; no two are the same.
using PathOwners = std::vector<PathOwner>;
using PathPart = std::span<const PathOwner>;

/// Puts them in order, on all cores, and drops what is there twice.
void put_in_order(PathOwners& all);

/// A line for each path. Paths have no newlines, owners no newlines, blanks or commas.
std::string lines_of(PathPart part);

/// The reverse of lines_of. Views into `text`, which lines_of made.
PathOwners owners_in(std::string_view text);

/// True if a shard ends after this path, whatever stands around it.
bool border_after(std::string_view path);

/// All of it in order, none of the parts empty. What begins after a border is cut as it would be
/// without what is before it.
std::vector<PathPart> cut_paths(PathPart all);

}  // namespace shards
