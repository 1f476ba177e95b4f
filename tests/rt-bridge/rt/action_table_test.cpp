// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/action_table.hpp"

#include <array>
#include <gtest/gtest.h>

#include "core/model/configuration.hpp"

namespace rt {
namespace {

constexpr Action in = Action::move_to_unverified;
constexpr Action stage = Action::move_to_stage_rollout;
constexpr Action publish = Action::move_to_production;
constexpr Action reject = Action::reject;
constexpr Action deprecate = Action::deprecate;

const StageNames usual{"unverified", "stage-rollout", "production", "deprecated"};

ActionTable table() {
    return {core::default_stages(), usual};
}

/// "promote production", or the code of a refusal.
std::string decided(const ActionTable& table, Action action, const Standing& standing,
                    bool emergency = false) {
    const Decision decision = table.decide(action, standing, emergency);
    EXPECT_EQ(decision.text.empty(), decision.verb != Verb::refuse);
    if (decision.verb == Verb::refuse) return decision.code;
    static const std::map<Verb, std::string> names{{Verb::nothing, "nothing"},
                                                   {Verb::admit, "admit"},
                                                   {Verb::promote, "promote"},
                                                   {Verb::reject, "reject"},
                                                   {Verb::deprecate, "deprecate"}};
    return names.at(decision.verb) + " " + decision.target;
}

/// The usual graph, cell by cell: for no release, in each stage, and rejected.
struct Row {
    Action action;
    std::array<const char*, 6> cells;
};
const std::array<Standing, 6> standings{std::nullopt, "unverified", "stage-rollout",
                                        "production", "deprecated", ""};
const std::array<Row, 5> agreed{{
    {in,
     {"admit unverified", "admit unverified", "wrong-stage", "wrong-stage", "wrong-stage",
      "admit unverified"}},
    {stage,
     {"unknown-release", "promote stage-rollout", "nothing stage-rollout", "wrong-stage",
      "wrong-stage", "wrong-stage"}},
    {publish,
     {"unknown-release", "wrong-stage", "promote production", "nothing production", "wrong-stage",
      "wrong-stage"}},
    {reject, {"unknown-release", "reject ", "reject ", "wrong-stage", "wrong-stage", "nothing "}},
    {deprecate,
     {"unknown-release", "wrong-stage", "wrong-stage", "deprecate deprecated", "nothing deprecated",
      "wrong-stage"}},
}};

TEST(ActionTable, IsCompleteAndEveryCellIsAsAgreed) {
    for (const Row& row : agreed) {
        for (std::size_t i = 0; i < standings.size(); ++i) {
            SCOPED_TRACE(std::string(name(row.action)) + " in " + standings[i].value_or("none"));
            EXPECT_EQ(decided(table(), row.action, standings[i]), row.cells[i]);
            // An emergency opens one cell and no other.
            const bool opened = row.action == publish && standings[i] == "unverified";
            EXPECT_EQ(decided(table(), row.action, standings[i], true),
                      opened ? "promote production" : row.cells[i]);
        }
    }
}

TEST(ActionTable, IsTheDepotsOwnGraph) {
    auto stages = core::default_stages();
    core::Stage trial{.name = "trial", .from = {"stage-rollout"}, .emergency_from = {}};
    trial.rejectable = true;
    stages.insert(stages.begin() + 2, trial);
    stages[3].from = {"trial"};
    stages[3].emergency_from = {"unverified", "stage-rollout"};
    const ActionTable table(stages, usual);
    EXPECT_EQ(decided(table, publish, "stage-rollout"), "wrong-stage");
    EXPECT_EQ(decided(table, publish, "stage-rollout", true), "promote production");
    EXPECT_EQ(decided(table, publish, "trial"), "promote production");
    EXPECT_EQ(decided(table, stage, "trial"), "wrong-stage");
    EXPECT_EQ(decided(table, reject, "trial"), "reject ");
    EXPECT_EQ(decided(table, deprecate, "trial"), "wrong-stage");
    EXPECT_EQ(decided(table, in, "trial"), "wrong-stage");
    EXPECT_EQ(table.status_of("trial"), std::nullopt);
    EXPECT_EQ(table.possible("trial"), (std::vector<Action>{publish, reject}));
    const core::Report report = table.check();
    ASSERT_EQ(report.size(), 1u);
    EXPECT_EQ(report.front().element, "trial");
    EXPECT_FALSE(core::has_errors(report));
    EXPECT_TRUE(core::has_errors(
        ActionTable(stages, {"unverified", "unverified", "production", "deprecated"}).check()));
    EXPECT_TRUE(core::has_errors(
        ActionTable(stages, {"unverified", "production", "production", "deprecated"}).check()));
}

TEST(ActionTable, WhatIsNextIsWhatCanBeAskedFor) {
    EXPECT_EQ(table().possible("unverified"), (std::vector<Action>{stage, reject}));
    EXPECT_EQ(table().possible("stage-rollout"), (std::vector<Action>{publish, reject}));
    EXPECT_EQ(table().possible("production"), std::vector<Action>{deprecate});
    EXPECT_TRUE(table().possible("deprecated").empty());
    EXPECT_EQ(table().possible(""), std::vector<Action>{in});
    EXPECT_EQ(table().status_of(""), Status::rejected);
    EXPECT_TRUE(table().check().empty());
}

TEST(ActionTable, EverySpellingOfAnActionIsRead) {
    const std::map<std::string, Action> spellings{
        {"MoveToUnverified", in},
        {"movetounverified", in},
        {"MoveToUverified", in},
        {" Move to Unverified ", in},
        {"MoveToStageRollOut", stage},
        {"MoveToStageRollout", stage},
        {"MoveToStage-Rollout", stage},
        {"MoveToStateRollOut", stage},
        {"MoveToProduction", publish},
        {"MOVETOPRODUCTION", publish},
        {"Reject", reject},
        {"Rejected", reject},
        {"Depreceate", deprecate},
        {"Deprecate", deprecate},
        {"Depreciate", deprecate},
        {"Depreceated", deprecate},
    };
    for (const auto& [text, action] : spellings) EXPECT_EQ(parse_action(text), action) << text;
    for (const char* text : {"", "Move", "Production", "MoveToProductionNow", "RejectX", "?"}) {
        EXPECT_EQ(parse_action(text), std::nullopt) << text;
    }
    for (const Action action : {in, stage, publish, reject, deprecate}) {
        EXPECT_EQ(parse_action(name(action)), action);
    }
}

TEST(ActionTable, AnEmergencyIsATickAndNothingElse) {
    for (const char* text : {"yes", "Yes", "1", "true", "on", "Emergency"}) {
        EXPECT_TRUE(parse_emergency(text)) << text;
    }
    for (const char* text : {"", "no", "0", "false", "not yet", "yes?no"}) {
        EXPECT_FALSE(parse_emergency(text)) << text;
    }
}

}  // namespace
}  // namespace rt
