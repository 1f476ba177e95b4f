// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/action_table.hpp"

#include <algorithm>
#include <array>

#include "core/reason.hpp"
#include "core/text.hpp"

namespace rt {
namespace {

namespace reason = core::reason;

struct Refusal {
    core::reason::Code code;
    std::string_view text;
    std::string_view remedy;
};

/// Either the verb and where the release stands afterwards, or why not.
struct Cell {
    Verb verb = Verb::refuse;
    Standing target = Standing::none;
    const Refusal* refusal = nullptr;
};

constexpr Cell to(Verb verb, Standing target) {
    return {verb, target, nullptr};
}

constexpr Cell is_there(Standing standing) {
    return to(Verb::nothing, standing);
}

constexpr Cell no(const Refusal& refusal) {
    return {Verb::refuse, Standing::none, &refusal};
}

constexpr Refusal unknown{reason::unknown_release, "no release was admitted from this ticket",
                          "Set RepoAction to MoveToUnverified first."};
constexpr std::string_view as_new_version =
    "Hand in what has changed as a new version, in a ticket of its own.";
constexpr Refusal in_stage_rollout{reason::wrong_stage,
                                   "the release is in stage-rollout already and cannot go back",
                                   as_new_version};
constexpr Refusal in_production{
    reason::wrong_stage, "the release is in production already and cannot go back", as_new_version};
constexpr Refusal was_deprecated{reason::wrong_stage, "the release is deprecated", as_new_version};
constexpr Refusal was_rejected{reason::wrong_stage, "the release was rejected",
                               "Mend it and set RepoAction to MoveToUnverified."};
constexpr Refusal not_tried{reason::wrong_stage, "the release has not been in stage-rollout",
                            "Set RepoAction to MoveToStageRollOut first; only an emergency release "
                            "may leave that out."};
constexpr Refusal installed{reason::wrong_stage,
                            "the release is in production, where sites have installed it",
                            "Set RepoAction to Depreceate to take it out of production."};
constexpr Refusal not_in_production{reason::wrong_stage,
                                    "only a release in production can be deprecated",
                                    "Set RepoAction to Reject to take it out of its stage."};
constexpr Refusal never_in_production{reason::wrong_stage,
                                      "the release was rejected and never reached production", ""};

constexpr Standing unverified = Standing::unverified;
constexpr Standing stage_rollout = Standing::stage_rollout;
constexpr Standing production = Standing::production;
constexpr Standing deprecated = Standing::deprecated;
constexpr Standing rejected = Standing::rejected;

constexpr Cell admit = to(Verb::admit, unverified);
constexpr Cell roll_out = to(Verb::promote, stage_rollout);
constexpr Cell publish = to(Verb::promote, production);
constexpr Cell reject = to(Verb::reject, rejected);
constexpr Cell archive = to(Verb::deprecate, deprecated);

using Row = std::array<Cell, 5>;

// A row for each Standing and a column for each Action, in their order.
// clang-format off
constexpr std::array<Row, 6> table{{
    // MoveToUnverified     MoveToStageRollOut       MoveToProduction      Reject              Depreceate
    {admit,                 no(unknown),             no(unknown),          no(unknown),        no(unknown)},              // none
    {admit,                 roll_out,                no(not_tried),        reject,             no(not_in_production)},    // unverified
    {no(in_stage_rollout),  is_there(stage_rollout), publish,              reject,             no(not_in_production)},    // stage_rollout
    {no(in_production),     no(in_production),       is_there(production), no(installed),      archive},                  // production
    {no(was_deprecated),    no(was_deprecated),      no(was_deprecated),   no(was_deprecated), is_there(deprecated)},     // deprecated
    {admit,                 no(was_rejected),        no(was_rejected),     is_there(rejected), no(never_in_production)},  // rejected
}};
// clang-format on

/// An emergency opens one cell more.
constexpr Cell cell_of(Action action, Standing standing, bool emergency) {
    if (emergency && action == Action::move_to_production && standing == unverified) {
        return to(Verb::promote, production);
    }
    return table[static_cast<std::size_t>(standing)][static_cast<std::size_t>(action)];
}

constexpr Status status_of(Standing standing) {
    constexpr std::array<Status, 6> statuses{Status::failed,        Status::unverified,
                                             Status::stage_rollout, Status::production,
                                             Status::deprecated,    Status::rejected};
    return statuses[static_cast<std::size_t>(standing)];
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
auto find(const Table& spellings, std::string_view text) {
    using Value = decltype(spellings[0].value);
    const std::string wanted = plain(text);
    const auto found = std::find_if(spellings.begin(), spellings.end(),
                                    [&](const auto& spelling) { return spelling.text == wanted; });
    return found == spellings.end() ? std::optional<Value>() : std::optional<Value>(found->value);
}

}  // namespace

Decision decide(Action action, Standing standing, bool emergency) {
    const Cell cell = cell_of(action, standing, emergency);
    if (cell.refusal == nullptr)
        return {cell.verb, cell.target, status_of(cell.target), {}, {}, {}};
    const Refusal& refusal = *cell.refusal;
    return {Verb::refuse,
            std::nullopt,
            Status::failed,
            std::string(refusal.code),
            std::string(refusal.text),
            std::string(refusal.remedy)};
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
