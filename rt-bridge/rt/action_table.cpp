// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/action_table.hpp"

#include <algorithm>
#include <array>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace rt {
namespace {

namespace reason = core::reason;

constexpr std::string_view as_new_version =
    "Hand in what has changed as a new version, in a ticket of its own.";

Decision to(Verb verb, const std::string& stage) {
    return {verb, stage, {}, {}, {}};
}

Decision no(core::reason::Code code, std::string text, std::string_view remedy) {
    return {Verb::refuse, {}, std::string(code), std::move(text), std::string(remedy)};
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

struct Spelling {
    std::string_view text;
    Action action;
};

constexpr std::array<Spelling, 19> action_spellings{{
    {"movetounverified", Action::move_to_unverified},
    {"movetouverified", Action::move_to_unverified},
    {"movetostagerollout", Action::move_to_stage_rollout},
    {"movetostaterollout", Action::move_to_stage_rollout},
    {"movetostagedrollout", Action::move_to_stage_rollout},
    {"movetoproduction", Action::move_to_production},
    {"reject", Action::reject},
    {"rejected", Action::reject},
    {"movetorejected", Action::reject},
    {"depreceate", Action::deprecate},
    {"depreceated", Action::deprecate},
    {"depreciate", Action::deprecate},
    {"depreciated", Action::deprecate},
    {"deprecate", Action::deprecate},
    {"deprecated", Action::deprecate},
    {"deprecete", Action::deprecate},
    {"movetodepreceated", Action::deprecate},
    {"movetodeprecated", Action::deprecate},
    {"movetodepreciated", Action::deprecate},
}};

}  // namespace

const core::Stage& ActionTable::stage(const std::string& name) const {
    const auto found = std::find_if(graph_.begin(), graph_.end(),
                                    [&](const core::Stage& one) { return one.name == name; });
    if (found == graph_.end()) throw core::Error("there is no stage " + core::escaped(name));
    return *found;
}

Decision ActionTable::promotion(const std::string& from, const std::string& to_name,
                                bool emergency) const {
    const core::Stage& target = stage(to_name);
    if (from == to_name) return to(Verb::nothing, to_name);
    const bool in_emergency = contains(target.emergency_from, from);
    if (!from.empty() && (contains(target.from, from) || (emergency && in_emergency))) {
        return to(Verb::promote, to_name);
    }
    if (from.empty()) {
        return no(reason::wrong_stage,
                  "the release stands in no stage: it was rejected, replaced or rolled back",
                  "Mend it and set RepoAction to MoveToUnverified.");
    }
    std::string text = "the release is in " + from + "; to " + to_name + " releases come from " +
                       core::join(target.from, ", ");
    if (in_emergency) text += ", and from " + from + " in an emergency only";
    if (!contains(target.from, names_.stage_rollout) ||
        !contains(stage(names_.stage_rollout).from, from)) {
        return no(reason::wrong_stage, text, as_new_version);
    }
    std::string remedy = "Set RepoAction to MoveToStageRollOut first";
    if (in_emergency) remedy += "; only an emergency release may leave that out";
    return no(reason::wrong_stage, text, remedy + ".");
}

Decision ActionTable::rejection(const std::string& from) const {
    if (from.empty()) return to(Verb::nothing, {});
    if (stage(from).rejectable) return to(Verb::reject, {});
    if (from == names_.deprecated) {
        return no(reason::wrong_stage, "the release is deprecated", as_new_version);
    }
    return no(reason::wrong_stage, "the release is in " + from + ", where sites have installed it",
              "Set RepoAction to Depreceate to take it out of there.");
}

Decision ActionTable::deprecation(const std::string& from) const {
    if (from == names_.deprecated) return to(Verb::nothing, from);
    const std::vector<std::string>& sources = stage(names_.deprecated).from;
    if (contains(sources, from)) return to(Verb::deprecate, names_.deprecated);
    if (from.empty()) {
        return no(reason::wrong_stage,
                  "the release stands in no stage: it was rejected, replaced or rolled back", "");
    }
    return no(reason::wrong_stage,
              "only a release in " + core::join(sources, ", ") + " can be deprecated",
              "Set RepoAction to Reject to take it out of its stage.");
}

Decision ActionTable::decide(Action action, const Standing& standing, bool emergency) const {
    if (action == Action::move_to_unverified) {
        if (!standing || standing->empty() || *standing == names_.unverified) {
            return to(Verb::admit, names_.unverified);
        }
        return no(reason::wrong_stage,
                  "the release is in " + *standing + " already and cannot go back", as_new_version);
    }
    if (!standing) {
        return no(reason::unknown_release, "no release was admitted from this ticket",
                  "Set RepoAction to MoveToUnverified first.");
    }
    switch (action) {
        case Action::move_to_stage_rollout:
            return promotion(*standing, names_.stage_rollout, emergency);
        case Action::move_to_production:
            return promotion(*standing, names_.production, emergency);
        case Action::reject:
            return rejection(*standing);
        default:
            return deprecation(*standing);
    }
}

std::optional<Status> ActionTable::status_of(const std::string& stage) const {
    if (stage.empty()) return Status::rejected;
    if (stage == names_.unverified) return Status::unverified;
    if (stage == names_.stage_rollout) return Status::stage_rollout;
    if (stage == names_.production) return Status::production;
    if (stage == names_.deprecated) return Status::deprecated;
    return std::nullopt;
}

std::vector<Action> ActionTable::possible(const std::string& stage) const {
    std::vector<Action> actions;
    const auto leads_on = [&](const std::string& to_name) {
        return contains(this->stage(to_name).from, stage);
    };
    if (stage.empty()) return {Action::move_to_unverified};
    if (leads_on(names_.stage_rollout)) actions.push_back(Action::move_to_stage_rollout);
    if (leads_on(names_.production)) actions.push_back(Action::move_to_production);
    if (this->stage(stage).rejectable) actions.push_back(Action::reject);
    if (leads_on(names_.deprecated)) actions.push_back(Action::deprecate);
    return actions;
}

core::Report ActionTable::check() const {
    core::Report report;
    const auto add = [&](core::Severity severity, const std::string& element,
                         const std::string& message) {
        report.push_back({severity, std::string(reason::ticket_configuration), "bridge.stages", 0,
                          0, element, message, ""});
    };
    for (const auto& [key, name] :
         {std::pair{"stage_rollout", names_.stage_rollout}, {"production", names_.production}}) {
        const core::Stage& meant = stage(name);
        if (meant.entry || meant.archive) {
            add(core::Severity::error, key, name + " is the entry stage or the archive");
        } else if (meant.from.empty()) {
            add(core::Severity::error, key, "nothing comes to " + name + ": its from is empty");
        }
    }
    if (names_.stage_rollout == names_.production) {
        add(core::Severity::error, "production", "it is the same stage as stage_rollout");
    }
    for (const core::Stage& one : graph_) {
        if (status_of(one.name)) continue;
        add(core::Severity::warning, one.name,
            "no action leads to this stage: releases come there by command line only, and their "
            "tickets keep their status");
    }
    return report;
}

std::optional<Action> parse_action(std::string_view text) {
    const auto found =
        std::ranges::find(action_spellings, core::normalized_name(text), &Spelling::text);
    return found == action_spellings.end() ? std::nullopt : std::optional(found->action);
}

bool parse_emergency(std::string_view text) {
    static constexpr std::array<std::string_view, 8> yes{"yes", "y",  "true",      "1",
                                                         "on",  "ja", "emergency", "checked"};
    return std::find(yes.begin(), yes.end(), core::normalized_name(text)) != yes.end();
}

std::string_view name(Action action) {
    static constexpr std::array<std::string_view, 5> names{
        "MoveToUnverified", "MoveToStageRollOut", "MoveToProduction", "Reject", "Depreceate"};
    return names[static_cast<std::size_t>(action)];
}

const std::string& StatusNames::of(Status status) const {
    switch (status) {
        case Status::unverified:
            return unverified;
        case Status::stage_rollout:
            return stage_rollout;
        case Status::production:
            return production;
        case Status::deprecated:
            return deprecated;
        case Status::rejected:
            return rejected;
        case Status::failed:
            return failed;
    }
    return failed;
}

}  // namespace rt
