// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of stages: which moves a request means when releases stand as they do, or why it is
// refused. Pure: what they need to know is given to them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/configuration.hpp"
#include "core/model/operation.hpp"
#include "core/model/release.hpp"
#include "core/model/state.hpp"

namespace core {

/// What the rules need to know of a release.
struct ReleaseFacts {
    std::string product;
    std::string version;
    std::string line;
    bool emergency = false;
};
ReleaseFacts facts_of(const Release& release);
using ReleaseLookup = std::function<ReleaseFacts(const std::string& id)>;

/// What is said of a release that stands in no stage, behind that: since when, and why.
using Departure = std::function<std::string(const std::string& id)>;

/// All throw Refused if a rule forbids it. `releases` are ids of admitted releases.
std::vector<Move> plan_promote(const Standing& standing, const Configuration& configuration,
                               const std::vector<std::string>& releases, std::string_view to,
                               const ReleaseLookup& lookup, const Departure& departure = {});
std::vector<Move> plan_reject(const Standing& standing, const Configuration& configuration,
                              const std::string& release, const Departure& departure = {});
std::vector<Move> plan_deprecate(const Standing& standing, const Configuration& configuration,
                                 const std::string& release, const Departure& departure = {});

/// The new release enters; one of the same product, version and line that still stands in the entry
/// stage makes room for it, one that stands further on forbids it.
std::vector<Move> plan_admit(const Standing& standing, const Configuration& configuration,
                             const std::string& release, const ReleaseFacts& facts,
                             const ReleaseLookup& lookup);

/// Back to an earlier standing; with a stage only for releases that enter or leave that stage.
std::vector<Move> plan_rollback(const Standing& now, const Standing& then,
                                const std::optional<std::string>& stage,
                                const ReleaseLookup& lookup);

}  // namespace core
