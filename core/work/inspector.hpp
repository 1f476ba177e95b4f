// SPDX-License-Identifier: GPL-3.0-or-later
// How a package file of one format is read. Implemented by backends/yum and backends/apt.
#pragma once

#include <compare>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/package.hpp"
#include "core/model/package_limits.hpp"
#include "core/model/problem.hpp"
#include "core/model/remark.hpp"

namespace core {

/// A signature found in a package and the bytes it covers.
struct PackageSignature {
    std::string signature;  // OpenPGP packets, binary
    std::string covered;
};

struct Inspection {
    Package package;  // all but platform and who signed it
    std::vector<PackageSignature> signatures;
    Report warnings{};  // of what was left out of the fragments
};

/// What a line and its configuration ask of packages that are handed in.
struct InspectionRule {
    PackageLimits limits;
    RemarkRule remarks;
};

class Inspector {
  public:
    virtual ~Inspector() = default;

    /// Called before workers are made that will call inspect(): what each of them would have to
    /// load is loaded once.
    virtual void prepare() const {}

    /// Reads a hostile file, whose digest and size are known, and puts its index fragments into the
    /// cache. Throws Refused if it is no sound package of the format, or if an index would grow by
    /// more than the rule's limits. Runs in a worker process with
    /// bounded memory and time (core/system/workers.hpp); must not depend on state of the parent's
    /// that changes afterwards.
    virtual Inspection inspect(const std::filesystem::path& file, const Digest& digest,
                               const InspectionRule& rule) const = 0;

    /// How the format orders full versions ("[epoch:]version[-release]").
    virtual std::strong_ordering compare_versions(std::string_view a, std::string_view b) const = 0;
};

}  // namespace core
