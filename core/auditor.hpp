// SPDX-License-Identifier: GPL-3.0-or-later
// The auditor: reads everything a depot keeps and publishes again, and reports what is not as it
// should be. It trusts nothing that it can make anew: every index is composed again, from the
// packages themselves and with an empty cache, and must come out with the same bytes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/backend.hpp"
#include "core/commit.hpp"
#include "core/depot.hpp"

namespace core {

struct Finding {
    std::string path;  // below the depot
    std::string message;

    bool operator==(const Finding&) const = default;
};

/// Composes a repository's indexes from packages alone, without the depot's cache. Made by whoever
/// assembles the program, with backends whose cache is the given directory.
using FreshFormats = std::function<Formats(const std::filesystem::path& cache)>;

/// Needs the lock, so that nothing changes meanwhile. Nothing found: the depot is sound.
std::vector<Finding> audit(Depot& depot, const Collaborators& collaborators,
                           const FreshFormats& fresh_formats);

}  // namespace core
