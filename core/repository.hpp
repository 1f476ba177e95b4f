// SPDX-License-Identifier: GPL-3.0-or-later
// A repository: one yum or apt tree, and what stands in it.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "core/digest.hpp"

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
    /// below public/ and below each generation.
    std::string path() const;

    auto operator<=>(const Repository&) const = default;
};

/// One row of an index: a package or document, and the releases that name it here.
struct Row {
    std::string path;  // unique in the index and its sort key; for packages the published path
    std::string name;
    std::string version;
    std::string architecture;
    Digest digest;
    std::string releases;  // their ids, sorted, with commas between; one for nearly every row

    bool operator==(const Row&) const = default;
};

/// The rows of one index in their published order (by path, bytewise).
using Rows = std::vector<Row>;

}  // namespace core
