// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/action_table.hpp"

#include <gtest/gtest.h>

namespace rt {
namespace {

struct Cell {
    Action action;
    Standing standing;
    bool emergency;
    Verb verb;
    Standing target;  // unless refused
    Status status;
    const char* code;  // if refused
};

constexpr Standing nowhere = Standing::none;
constexpr Action in = Action::move_to_unverified;
constexpr Action stage = Action::move_to_stage_rollout;
constexpr Action publish = Action::move_to_production;
constexpr Action reject = Action::reject;
constexpr Action deprecate = Action::deprecate;

Cell allowed(Action action, Standing standing, Verb verb, Standing target, Status status,
             bool emergency = false) {
    return {action, standing, emergency, verb, target, status, ""};
}

Cell refused(Action action, Standing standing, const char* code, bool emergency = false) {
    return {action, standing, emergency, Verb::refuse, nowhere, Status::failed, code};
}

const std::vector<Cell>& cells() {
    static const std::vector<Cell> list{
        allowed(in, Standing::none, Verb::admit, Standing::unverified, Status::unverified),
        allowed(in, Standing::unverified, Verb::admit, Standing::unverified, Status::unverified),
        refused(in, Standing::stage_rollout, "wrong-stage"),
        refused(in, Standing::production, "wrong-stage"),
        refused(in, Standing::deprecated, "wrong-stage"),
        allowed(in, Standing::rejected, Verb::admit, Standing::unverified, Status::unverified),

        refused(stage, Standing::none, "unknown-release"),
        allowed(stage, Standing::unverified, Verb::promote, Standing::stage_rollout,
                Status::stage_rollout),
        allowed(stage, Standing::stage_rollout, Verb::nothing, Standing::stage_rollout,
                Status::stage_rollout),
        refused(stage, Standing::production, "wrong-stage"),
        refused(stage, Standing::deprecated, "wrong-stage"),
        refused(stage, Standing::rejected, "wrong-stage"),

        refused(publish, Standing::none, "unknown-release"),
        refused(publish, Standing::unverified, "wrong-stage"),
        allowed(publish, Standing::stage_rollout, Verb::promote, Standing::production,
                Status::production),
        allowed(publish, Standing::production, Verb::nothing, Standing::production,
                Status::production),
        refused(publish, Standing::deprecated, "wrong-stage"),
        refused(publish, Standing::rejected, "wrong-stage"),

        refused(reject, Standing::none, "unknown-release"),
        allowed(reject, Standing::unverified, Verb::reject, Standing::rejected, Status::rejected),
        allowed(reject, Standing::stage_rollout, Verb::reject, Standing::rejected,
                Status::rejected),
        refused(reject, Standing::production, "wrong-stage"),
        refused(reject, Standing::deprecated, "wrong-stage"),
        allowed(reject, Standing::rejected, Verb::nothing, Standing::rejected, Status::rejected),

        refused(deprecate, Standing::none, "unknown-release"),
        refused(deprecate, Standing::unverified, "wrong-stage"),
        refused(deprecate, Standing::stage_rollout, "wrong-stage"),
        allowed(deprecate, Standing::production, Verb::deprecate, Standing::deprecated,
                Status::deprecated),
        allowed(deprecate, Standing::deprecated, Verb::nothing, Standing::deprecated,
                Status::deprecated),
        refused(deprecate, Standing::rejected, "wrong-stage"),
    };
    return list;
}

void expect(const Cell& cell) {
    SCOPED_TRACE(std::string(name(cell.action)) + " at " +
                 std::to_string(static_cast<int>(cell.standing)));
    const Decision decision = decide(cell.action, cell.standing, cell.emergency);
    EXPECT_EQ(decision.verb, cell.verb);
    EXPECT_EQ(decision.status, cell.status);
    EXPECT_EQ(decision.code, cell.code);
    EXPECT_EQ(decision.target.has_value(), cell.verb != Verb::refuse);
    if (decision.target) {
        EXPECT_EQ(*decision.target, cell.target);
    }
    EXPECT_EQ(decision.text.empty(), cell.verb != Verb::refuse);
}

TEST(ActionTable, IsCompleteAndEveryCellIsAsAgreed) {
    EXPECT_EQ(cells().size(), 5u * 6u);
    for (const Cell& cell : cells()) expect(cell);
}

TEST(ActionTable, AnEmergencyOpensOneCellAndNoOther) {
    for (Cell cell : cells()) {
        cell.emergency = true;
        if (cell.action == publish && cell.standing == Standing::unverified) {
            cell = allowed(publish, Standing::unverified, Verb::promote, Standing::production,
                           Status::production, true);
        }
        expect(cell);
    }
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

TEST(ActionTable, EverySpellingOfAStatusIsRead) {
    const std::map<std::string, Status> spellings{
        {"Unverified", Status::unverified},
        {"Uverified", Status::unverified},
        {"StateRollOut", Status::stage_rollout},
        {"Stage-Rollout", Status::stage_rollout},
        {"StageRollout", Status::stage_rollout},
        {"stage rollout", Status::stage_rollout},
        {"Production", Status::production},
        {"production", Status::production},
        {"deployed", Status::production},
        {"Depreceated", Status::deprecated},
        {"Deprecated", Status::deprecated},
        {"Rejected", Status::rejected},
        {"Failed", Status::failed},
    };
    for (const auto& [text, status] : spellings) EXPECT_EQ(parse_status(text), status) << text;
    EXPECT_EQ(parse_status("pending"), std::nullopt);
    const StatusNames names;
    for (const Status status : {Status::unverified, Status::stage_rollout, Status::production,
                                Status::deprecated, Status::rejected, Status::failed}) {
        EXPECT_EQ(parse_status(names.of(status)), status);
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
