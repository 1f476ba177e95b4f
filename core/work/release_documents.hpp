// SPDX-License-Identifier: GPL-3.0-or-later
// The documents of a release that is handed in: what the bundle has of them, for each platform in
// the normal form of its format, and what the formats themselves say of the release.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/model/release.hpp"
#include "core/store/depot.hpp"
#include "core/work/backend.hpp"
#include "core/work/bundle.hpp"

namespace core {

/// Makes them from the packages of the release, writes them to its scratch, and adds them and their
/// ids to it. What is too large for an index is in the report. Returns the files.
std::vector<ReceivedFile> add_documents(const Depot& depot, const Formats& formats,
                                        const Bundle& bundle, Release& release, Report& report);

/// Platform and name of those that nobody handed in: they follow from the rest, and have the time
/// of the admission in them.
std::set<std::pair<std::string, std::string>> own_documents(const Configuration& configuration,
                                                            const Formats& formats,
                                                            const Release& release);

}  // namespace core
