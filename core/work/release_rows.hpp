// SPDX-License-Identifier: GPL-3.0-or-later
// The rows that a release has in the indexes of repositories, and those of a repository: what the
// releases that stand there have.
#pragma once

#include <exception>
#include <map>
#include <mutex>
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

/// The rows of a state's repositories, by index. Borrows all that it is given; may be called from
/// several threads.
class RepositoryRows {
  public:
    RepositoryRows(const Depot& depot, const Formats& formats, const State& state)
        : depot_(depot), formats_(formats), state_(state) {}

    /// From the records of the releases that stand there. Those of a stage are read when one of its
    /// repositories is asked for, each once, whatever there is of lines and repositories; for the
    /// repository of one release its own record alone.
    std::map<std::string, Rows> from_records(const Repository& repository) const;

    /// The same, from the rosters where they are to be had.
    std::map<std::string, Rows> of(const Repository& repository) const;

  private:
    struct Joins {
        Edits edits;
        std::exception_ptr failure;  // of a record that cannot be read
    };
    const Edits& joins_in(const std::string& stage) const;
    Edits read_joins(const std::string& stage) const;
    void add_joins(Edits& joins, const std::string& id, const std::string& stage) const;

    const Depot& depot_;
    const Formats& formats_;
    const State& state_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Joins> joins_;  // by stage
};

}  // namespace core
