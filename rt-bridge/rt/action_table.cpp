// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/action_table.hpp"

#include <algorithm>
#include <array>

#include "core/reason.hpp"
#include "core/text.hpp"

namespace rt {
namespace {

namespace reason = core::reason;

Decision done(Verb verb, Standing target) {
    static constexpr std::array<Status, 6> status_of{Status::failed,        Status::unverified,
                                                     Status::stage_rollout, Status::production,
                                                     Status::deprecated,    Status::rejected};
    return {verb, target, status_of[static_cast<std::size_t>(target)], {}, {}, {}};
}

Decision refused(core::reason::Code code, std::string text, std::string remedy) {
    return {Verb::refuse,      std::nullopt,    Status::failed,
            std::string(code), std::move(text), std::move(remedy)};
}

Decision nothing_there() {
    return refused(reason::unknown_release, "no release was admitted from this ticket",
                   "Set RepoAction to MoveToUnverified first.");
}

Decision wrong_stage(std::string text, std::string remedy) {
    return refused(reason::wrong_stage, std::move(text), std::move(remedy));
}

Decision move_to_unverified(Standing standing) {
    const std::string remedy = "Hand in what has changed as a new version, in a ticket of its own.";
    switch (standing) {
        case Standing::none:
        case Standing::unverified:
        case Standing::rejected:
            return done(Verb::admit, Standing::unverified);
        case Standing::stage_rollout:
            return wrong_stage("the release is in stage-rollout already and cannot go back",
                               remedy);
        case Standing::production:
            return wrong_stage("the release is in production already and cannot go back", remedy);
        case Standing::deprecated:
            return wrong_stage("the release is deprecated", remedy);
    }
    return nothing_there();
}

Decision move_to_stage_rollout(Standing standing) {
    switch (standing) {
        case Standing::none:
            return nothing_there();
        case Standing::unverified:
            return done(Verb::promote, Standing::stage_rollout);
        case Standing::stage_rollout:
            return done(Verb::nothing, Standing::stage_rollout);
        case Standing::production:
            return wrong_stage("the release is in production already and cannot go back", "");
        case Standing::deprecated:
            return wrong_stage("the release is deprecated", "");
        case Standing::rejected:
            return wrong_stage("the release was rejected",
                               "Mend it and set RepoAction to MoveToUnverified.");
    }
    return nothing_there();
}

Decision move_to_production(Standing standing, bool emergency) {
    switch (standing) {
        case Standing::none:
            return nothing_there();
        case Standing::unverified:
            if (emergency) return done(Verb::promote, Standing::production);
            return wrong_stage("the release has not been in stage-rollout",
                               "Set RepoAction to MoveToStageRollOut first; only an emergency "
                               "release may leave that out.");
        case Standing::stage_rollout:
            return done(Verb::promote, Standing::production);
        case Standing::production:
            return done(Verb::nothing, Standing::production);
        case Standing::deprecated:
            return wrong_stage("the release is deprecated", "");
        case Standing::rejected:
            return wrong_stage("the release was rejected",
                               "Mend it and set RepoAction to MoveToUnverified.");
    }
    return nothing_there();
}

Decision reject(Standing standing) {
    switch (standing) {
        case Standing::none:
            return nothing_there();
        case Standing::unverified:
        case Standing::stage_rollout:
            return done(Verb::reject, Standing::rejected);
        case Standing::production:
            return wrong_stage("the release is in production, where sites have installed it",
                               "Set RepoAction to Depreceate to take it out of production.");
        case Standing::deprecated:
            return wrong_stage("the release is deprecated already", "");
        case Standing::rejected:
            return done(Verb::nothing, Standing::rejected);
    }
    return nothing_there();
}

Decision deprecate(Standing standing) {
    switch (standing) {
        case Standing::none:
            return nothing_there();
        case Standing::unverified:
        case Standing::stage_rollout:
            return wrong_stage("only a release in production can be deprecated",
                               "Set RepoAction to Reject to take it out of its stage.");
        case Standing::production:
            return done(Verb::deprecate, Standing::deprecated);
        case Standing::deprecated:
            return done(Verb::nothing, Standing::deprecated);
        case Standing::rejected:
            return wrong_stage("the release was rejected and never reached production", "");
    }
    return nothing_there();
}

/// Lower case, letters and digits only: "Stage-Rollout", "stage rollout" and "StageRollout" are
/// one.
std::string plain(std::string_view text) {
    std::string result;
    for (const char c : core::lower(text)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) result += c;
    }
    return result;
}

template <class Value>
struct Spelling {
    std::string_view text;
    Value value;
};

constexpr std::array<Spelling<Action>, 19> action_spellings{{
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

constexpr std::array<Spelling<Status>, 15> status_spellings{{
    {"unverified", Status::unverified},
    {"uverified", Status::unverified},
    {"stagerollout", Status::stage_rollout},
    {"staterollout", Status::stage_rollout},
    {"stagedrollout", Status::stage_rollout},
    {"production", Status::production},
    {"deployed", Status::production},
    {"deprecated", Status::deprecated},
    {"depreceated", Status::deprecated},
    {"depreciated", Status::deprecated},
    {"rejected", Status::rejected},
    {"reject", Status::rejected},
    {"failed", Status::failed},
    {"fail", Status::failed},
    {"failure", Status::failed},
}};

template <class Table>
auto find(const Table& table, std::string_view text) {
    using Value = decltype(table[0].value);
    const std::string wanted = plain(text);
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const auto& spelling) { return spelling.text == wanted; });
    return found == table.end() ? std::optional<Value>() : std::optional<Value>(found->value);
}

}  // namespace

Decision decide(Action action, Standing standing, bool emergency) {
    switch (action) {
        case Action::move_to_unverified:
            return move_to_unverified(standing);
        case Action::move_to_stage_rollout:
            return move_to_stage_rollout(standing);
        case Action::move_to_production:
            return move_to_production(standing, emergency);
        case Action::reject:
            return reject(standing);
        case Action::deprecate:
            return deprecate(standing);
    }
    return nothing_there();
}

std::optional<Action> parse_action(std::string_view text) {
    return find(action_spellings, text);
}

std::optional<Status> parse_status(std::string_view text) {
    return find(status_spellings, text);
}

bool parse_emergency(std::string_view text) {
    static constexpr std::array<std::string_view, 8> yes{"yes", "y",  "true",      "1",
                                                         "on",  "ja", "emergency", "checked"};
    return std::find(yes.begin(), yes.end(), plain(text)) != yes.end();
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
