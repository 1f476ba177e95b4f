// SPDX-License-Identifier: GPL-3.0-or-later
// What the documents of an apt repository say, as functions of their bytes. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "core/model/clock.hpp"
#include "rt-bridge/fetch/index.hpp"

namespace fetch {

struct AptRelease {
    std::vector<std::string> components;
    std::vector<std::string> architectures;
    bool by_hash = false;
    std::string date;         // as written; empty: none
    std::string valid_until;  // likewise
    Files listed;             // by name; of whatever the suite has, so names are not judged
};

/// A Release file of a few megabytes, without its signature; `where` names it. Throws Refused
/// (repository-invalid).
AptRelease parse_release(const std::string& text, const std::string& where);

/// "Sun, 22 Nov 2026 14:48:57 UTC"; throws Refused (repository-invalid) for anything else.
core::Time parse_release_date(const std::string& date, const std::string& where);

/// Adds what a Packages file names to `list`. Throws Refused.
void read_packages(const archive::Source& source, const std::string& where, PackageList& list);

}  // namespace fetch
