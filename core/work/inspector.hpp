// SPDX-License-Identifier: GPL-3.0-or-later
// How a package file of one format is read. Implemented by backends/yum and backends/apt: in two
// parts, because the bytes are hostile. A PackageReader reads them, in a cell
// (core/system/cells.hpp); an Inspector, outside, takes nothing from its answer that it has not
// looked at.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/package.hpp"
#include "core/model/package_limits.hpp"
#include "core/model/problem.hpp"
#include "core/model/remark.hpp"
#include "core/system/files.hpp"

namespace core {

struct Inspection {
    Package package;                      // all but platform and who signed it
    std::vector<std::string> signatures;  // OpenPGP packets, binary, over Inspector::signed_bytes()
    std::vector<std::string> fragments;   // what each of the format's indexes says of it
    Report warnings{};                    // of what was left out of the fragments
};

/// What a line and its configuration ask of packages that are handed in.
struct InspectionRule {
    PackageLimits limits;
    RemarkRule remarks;
    bool admitted = false;  // it was sound when it came in: only its fragments are asked for
};

class PackageReader {
  public:
    virtual ~PackageReader() = default;

    /// Called once, in the open, before read() is called in cells: for what libraries load from
    /// files.
    virtual void prepare() const {}

    /// Reads a hostile file, open for reading, whose digest and size are known. Throws Refused if
    /// it is no sound package of the format, or beyond the rule's limits. Opens nothing.
    virtual Inspection read(File file, const Digest& digest, const InspectionRule& rule) const = 0;
};

class Inspector {
  public:
    virtual ~Inspector() = default;

    /// What of the package its signatures cover. Throws Refused if the file has no such part.
    virtual std::string signed_bytes(File file) const = 0;

    /// Puts the fragments into the cache. Throws Refused if they are not those of this very
    /// package, or the package could not have such a path: then who read it is not to be believed.
    virtual void accept(const Inspection& inspection) const = 0;

    /// How the format orders full versions ("[epoch:]version[-release]").
    virtual std::strong_ordering compare_versions(std::string_view a, std::string_view b) const = 0;
};

}  // namespace core
