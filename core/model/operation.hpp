// SPDX-License-Identifier: GPL-3.0-or-later
// An operation: one numbered decision and the moves it makes. Which moves a request means is in
// stage_rules.hpp.
#pragma once

#include <cstdint>
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

Standing after(Standing standing, const std::vector<Move>& moves);

/// When the releases arrived that stand after the operation.
Arrivals after(Arrivals arrivals, const Operation& operation);

/// For a rollback: the arrivals of then, of the releases that stand where they stood then, as far
/// as they differ from what they would be. With a stage only those in it.
Arrivals arrivals_back(const Standing& now, const Arrivals& if_moved, const Standing& then,
                       const Arrivals& arrivals, const std::optional<std::string>& stage);

}  // namespace core
