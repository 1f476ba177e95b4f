// SPDX-License-Identifier: GPL-3.0-or-later
// What a ticket's RepoAction means for a release that stands where it stands. Data and pure
// functions: nothing here reads a ticket or changes a depot.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/platform.hpp"
#include "core/model/problem.hpp"

namespace rt {

enum class Action {
    move_to_unverified,
    move_to_stage_rollout,
    move_to_production,
    reject,
    deprecate
};

enum class Status { unverified, stage_rollout, production, deprecated, rejected, failed };

enum class Verb {
    nothing,  // it is so already: only the ticket is brought up to date
    admit,    // into the entry stage; a release that stands there is replaced
    promote,
    reject,
    deprecate,
    refuse,
};

struct Decision {
    Verb verb = Verb::refuse;
    std::string target;  // the stage where the release stands afterwards; empty: nowhere
    std::string code;    // of a refusal, core/model/reason.hpp
    std::string text;    // of a refusal: why
    std::string remedy;  // of a refusal: what to do instead; may be empty

    bool operator==(const Decision&) const = default;
};

/// Which stage of a depot each action and status means.
struct StageNames {
    std::string unverified;
    std::string stage_rollout;
    std::string production;
    std::string deprecated;
};

/// Where the ticket's release stands: in a stage; empty: nowhere any more. nullopt: none was
/// admitted.
using Standing = std::optional<std::string>;

/// The depot's own graph of stages in the words of tickets: what may follow what is known there
/// and nowhere else.
class ActionTable {
  public:
    ActionTable(std::vector<core::Stage> graph, StageNames names)
        : graph_(std::move(graph)), names_(std::move(names)) {}

    Decision decide(Action action, const Standing& standing, bool emergency) const;

    /// What a ticket's RepoStatus says of a release in this stage; nullopt: of this one nothing.
    std::optional<Status> status_of(const std::string& stage) const;

    /// What can be asked for next.
    std::vector<Action> possible(const std::string& stage) const;

    /// What is wrong with the names, for the operator: as errors what makes no sense, as warnings
    /// stages from which or to which no action leads.
    core::Report check() const;

  private:
    const core::Stage& stage(const std::string& name) const;
    Decision promotion(const std::string& from, const std::string& to, bool emergency) const;
    Decision rejection(const std::string& from) const;
    Decision deprecation(const std::string& from) const;

    std::vector<core::Stage> graph_;
    StageNames names_;
};

/// In every spelling that was ever in use, ignoring case, blanks and punctuation; nullopt for
/// others.
std::optional<Action> parse_action(std::string_view text);

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
