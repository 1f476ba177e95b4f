// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at repositories: each one is accepted by a client, and is what its packages give
// when it is composed anew.
#pragma once

#include <functional>
#include <string>

#include "core/audit/audit.hpp"
#include "core/work/backend.hpp"

namespace core {

/// Composes a repository's indexes from packages alone, without the depot's cache. Made by whoever
/// assembles the program, with backends whose cache is the given directory.
using FreshFormats = std::function<Formats(const std::filesystem::path& cache)>;

/// Everything has to be signed by `key`.
void audit_repositories(const Audit& audit, const FreshFormats& fresh_formats,
                        const std::string& key);

}  // namespace core
