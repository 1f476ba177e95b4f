// SPDX-License-Identifier: GPL-3.0-or-later
// The plan: what an operation will change, repository by repository. Making it changes nothing; it
// is what --dry-run prints and what the commit carries out.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/operation.hpp"
#include "core/model/problem.hpp"
#include "core/model/release.hpp"
#include "core/store/depot.hpp"
#include "core/work/backend.hpp"
#include "core/work/key_rule.hpp"

namespace core {

struct IndexPlan {
    std::string index;
    Change change;
    std::vector<std::string> replaces;  // for each added row: the newest older version, or empty
};

struct RepositoryPlan {
    Repository repository;
    bool created = false;
    std::vector<IndexPlan> indexes;  // every index of the tree, changed or not
};

struct Plan {
    Operation operation;
    Standing standing;                     // after the operation
    Arrivals arrivals;                     // likewise
    std::vector<RepositoryPlan> composed;  // repositories to make anew; all others stay as they are
    std::vector<Repository> removed;
    bool mends_links = false;  // of packages that are published already
    Report warnings;

    /// Names the plan: same state and request, same hash.
    Digest hash() const;
};

struct PlanOptions {
    bool everything = false;       // compose all repositories, and mend the links of their packages
    bool allow_downgrade = false;  // publish versions older than what the stage has
    std::optional<KeyRule> keys;   // what becomes of releases whose keys are not sound any more
    bool keys_only_warn = false;
    Report warnings;          // to begin with
    bool allow_loss = false;  // carry out a removal by which releases that stand lose packages
};

/// `admitted` is the release of an admission, which has no record yet; others are read. Throws
/// Refused if a package has no place in its platform or would be a downgrade, if a key does not
/// hold any more, or if the stage refuses what a package has (stage_policy.hpp).
Plan make_plan(const Depot& depot, const Formats& formats, const State& state, Operation operation,
               const Release* admitted, RecordReader& records, const PlanOptions& options);

}  // namespace core
