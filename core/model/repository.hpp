// SPDX-License-Identifier: GPL-3.0-or-later
// A repository: one yum or apt tree, and what stands in it.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/digest.hpp"

namespace core {

/// The place of a package or document inside a platform.
struct Section {
    std::string tree;   // directory below the platform: "x86_64", "source"; empty for apt
    std::string index;  // "packages", "updateinfo", "group"; for apt "main/binary-amd64"

    auto operator<=>(const Section&) const = default;
};

struct Repository {
    std::string stage;
    std::string line;
    std::string release;  // set for a repository that holds one release only
    std::string platform;
    std::string tree;

    /// "production/umd5/el9/x86_64", "unverified/umd5/releases/argus-1.7.3/debian12": the directory
    /// below public/.
    std::string path() const;

    /// Where a generation has it, if nothing else is said: place_of(path()).
    std::string place() const;

    /// The one whose directory of packages it uses. That of a single release uses its stage's,
    /// which has all that stands there, at the same paths, and keeps it as long.
    Repository home() const;

    auto operator<=>(const Repository&) const = default;
};

/// Between a line and a release in the paths of its own repositories.
inline constexpr std::string_view own_repositories_name = "releases";

/// The one that has this path. Throws Error if none can have it.
Repository repository_at(const std::string& path);

/// Where a generation has what stands at `path` below public/: there too, but the many releases of
/// a line are spread over directories by their hash, so that none of these is long
/// ("unverified/umd5/releases/3/f/0/argus-1.7.3/debian12").
std::string place_of(const std::string& path);
std::string path_of(const std::string& place);  // and back

/// Whose own repository a path is in; empty: no release's own.
std::string release_of(const std::string& path);

/// One row of an index: a package or document, and the releases that name it here. Rows by the
/// hundred thousand pass through a commit, so those of a roster share its text. What a view shows
/// is in `text`: rows are made by the constructor, and copied, not put together.
struct Row {
    Row() = default;
    Row(std::string_view path, std::string_view name, std::string_view version,
        std::string_view architecture, const Digest& digest, std::string_view releases = {});

    std::string_view path;  // unique in the index; for packages the published path
    std::string_view name;
    std::string_view version;
    std::string_view architecture;
    std::string_view releases;  // their ids, sorted, with commas between; one for nearly every row
    Digest digest;
    std::uint64_t arrival = 0;                // the least of its releases': see Arrivals
    std::shared_ptr<const std::string> text;  // holds what the views show

    bool operator==(const Row& other) const;
};

/// When each release came into the stage where it stands: the number of the operation. One that is
/// not in it came before such numbers were kept: 0.
using Arrivals = std::map<std::string, std::uint64_t, std::less<>>;

/// The published order of rows: by arrival, then by path, bytewise. What a promotion brings is at
/// the end, in few shards, and all in front of it stays as it was.
bool in_order(const Row& a, const Row& b);

/// The rows of one index in their published order.
using Rows = std::vector<Row>;

/// The same rows by path alone, for what is merged or sorted anew.
Rows by_path(Rows rows);

/// How metadata looks. What was published is verified in the form that it was composed in.
///   1  the indexes of yum say how many packages they have
///   2  they do not
inline constexpr int oldest_form = 1, newest_form = 2;

}  // namespace core
