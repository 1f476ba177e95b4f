// SPDX-License-Identifier: GPL-3.0-or-later
// What a ticket's RepoAction means for a release that stands where it stands. Data and pure
// functions: nothing here reads a ticket or changes a depot.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rt {

enum class Action {
    move_to_unverified,
    move_to_stage_rollout,
    move_to_production,
    reject,
    deprecate
};

/// Where the ticket's release is. `none`: nothing was admitted yet.
enum class Standing { none, unverified, stage_rollout, production, deprecated, rejected };

enum class Status { unverified, stage_rollout, production, deprecated, rejected, failed };

enum class Verb {
    nothing,  // it is so already: only the ticket is brought up to date
    admit,    // into unverified; a release that stands there is replaced
    promote,
    reject,
    deprecate,
    refuse,
};

struct Decision {
    Verb verb = Verb::refuse;
    std::optional<Standing> target;  // where the release stands afterwards; absent for refuse
    Status status = Status::failed;  // to be written when it is done
    std::string code;                // of a refusal, core/reason.hpp
    std::string text;                // of a refusal: why
    std::string remedy;              // of a refusal: what to do instead; may be empty

    bool operator==(const Decision&) const = default;
};

Decision decide(Action action, Standing standing, bool emergency);

/// In every spelling that was ever in use, ignoring case, blanks and punctuation; nullopt for
/// others.
std::optional<Action> parse_action(std::string_view text);
std::optional<Status> parse_status(std::string_view text);

/// Of the Emergency field: a ticked box, "yes", "true" and the like.
bool parse_emergency(std::string_view text);

/// As RT's field offers it, in the usual spelling.
std::string_view name(Action action);

/// What a site calls the states when they are written to a ticket.
struct StatusNames {
    std::string unverified = "Unverified";
    std::string stage_rollout = "Stage-Rollout";
    std::string production = "Production";
    std::string deprecated = "Deprecated";
    std::string rejected = "Rejected";
    std::string failed = "Failed";

    const std::string& of(Status status) const;
};

}  // namespace rt
