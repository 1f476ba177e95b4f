// SPDX-License-Identifier: GPL-3.0-or-later
// Targets: for which platform each package of a bundle is meant. Pure.
//
// The first of these that says anything decides: the descriptor's entry for the package, the
// descriptor as a whole if it names a single platform of the package's format, the directory in the
// bundle, the configured tag in the package's release or version. What is doubtful is refused,
// never guessed.
#pragma once

#include <string>
#include <vector>

#include "core/model/configuration.hpp"
#include "core/model/descriptor.hpp"
#include "core/model/package.hpp"
#include "core/model/problem.hpp"

namespace core {

/// A package whose header was read, and where it was in the bundle.
struct BundledPackage {
    Package package;
    std::string name;    // in the bundle, with directories
    std::string format;  // the repository format that takes it: "yum", "apt"
};

/// Sets each package's platform; what cannot be decided is an error in the report.
Report assign_platforms(const Configuration& configuration, const Descriptor& descriptor,
                        std::vector<BundledPackage>& packages);

/// Compares what the descriptor lists with what is there: listed but missing, there but not listed,
/// there in another version than listed. What `refused` says of a file of the bundle is not told
/// again as a package that is missing.
Report compare_with_listing(const Descriptor& descriptor,
                            const std::vector<BundledPackage>& packages,
                            const Report& refused = {});

}  // namespace core
