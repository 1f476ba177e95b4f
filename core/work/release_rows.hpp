// SPDX-License-Identifier: GPL-3.0-or-later
// The rows that a release has in the indexes of repositories, and those of a repository: what the
// releases that stand there have.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/release.hpp"
#include "core/model/repository.hpp"
#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/store/roster.hpp"
#include "core/work/backend.hpp"

namespace core {

/// What comes and goes, by repository and index.
using IndexEdits = std::map<std::string, std::vector<Edit>>;
using Edits = std::map<Repository, IndexEdits>;

/// Adds what it means that a release joins or leaves a stage. Throws Refused if one joins for which
/// the configuration has no place.
void add_edits(Edits& edits, const Configuration& configuration, const Formats& formats,
               const Release& release, const std::string& stage, bool join);

/// Of its packages.
std::set<std::string> platforms_of(const Release& release);

std::set<std::string> indexes_of(const Configuration& configuration, const Formats& formats,
                                 const Repository& repository);

/// The repositories that exist whatever stands in them, so that sites can set them up beforehand.
std::set<Repository> standing_repositories(const Configuration& configuration,
                                           const Formats& formats);

/// The repositories that a release has for itself while it stands in the stage of entry.
std::set<Repository> own_repositories(const Configuration& configuration, const Formats& formats,
                                      const Release& release);

/// The rows of every index of one repository, from the records of the releases that stand there.
std::map<std::string, Rows> rows_from_records(const Depot& depot, const Formats& formats,
                                              const State& state, const Repository& repository);

/// The same for a state's repository, from the rosters where they are to be had.
std::map<std::string, Rows> rows_of(const Depot& depot, const Formats& formats, const State& state,
                                    const Repository& repository);

}  // namespace core
