// SPDX-License-Identifier: GPL-3.0-or-later
// An operation: one numbered decision and the moves it makes. Also its pure part: which moves a
// request means in a given state, or why it is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/configuration.hpp"
#include "core/model/release.hpp"
#include "core/model/state.hpp"

namespace core {

enum class Verb { init, admit, promote, reject, deprecate, rollback, refresh, transfer };

std::string_view name(Verb verb);
Verb verb_named(std::string_view name);

/// A release goes from one stage to another; an empty stage is "nowhere".
struct Move {
    std::string release;
    std::string from;
    std::string to;

    bool operator==(const Move&) const = default;
};

struct Operation {
    std::uint64_t number = 0;
    Verb verb = Verb::init;
    std::vector<Move> moves;
    std::string by;      // who asked
    std::string reason;  // why; may be empty
    std::string
        cause;  // the ticket's transaction that asked, "rt:<ticket>/<transaction>"; may be empty
    std::map<std::string, std::string> claims{};  // of a transfer: package names and their provider
    std::vector<std::string> waived_keys{};       // fingerprints that were let pass by name
    std::vector<std::string> warnings{};          // what was told of it beforehand
    std::vector<std::string> configuration_changes{};  // carried out besides

    /// Of releases that come back to a place of before, which is not at the end. Not there: of a
    /// time when no arrivals were kept.
    std::optional<Arrivals> arrivals{};

    bool operator==(const Operation&) const = default;
};

/// What the pure part needs to know of a release.
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

Standing after(Standing standing, const std::vector<Move>& moves);

/// When the releases arrived that stand after the operation.
Arrivals after(Arrivals arrivals, const Operation& operation);

/// For a rollback: the arrivals of then, of the releases that stand where they stood then, as far
/// as they differ from what they would be. With a stage only those in it.
Arrivals arrivals_back(const Standing& now, const Arrivals& if_moved, const Standing& then,
                       const Arrivals& arrivals, const std::optional<std::string>& stage);

}  // namespace core
