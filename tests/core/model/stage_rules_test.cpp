// SPDX-License-Identifier: GPL-3.0-or-later
// The transition table: every verb in every stage, with and without an emergency.
#include "core/model/stage_rules.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "tests/core/expect.hpp"

namespace core_test {
namespace {

using core::Move;
using core::Standing;
using Moves = std::vector<Move>;

core::Configuration default_configuration() {
    core::Configuration configuration;
    configuration.stages = core::default_stages();
    return configuration;
}

core::ReleaseLookup lookup(bool emergency) {
    return [emergency](const std::string&) {
        return core::ReleaseFacts{"argus", "1", "umd5", emergency};
    };
}

/// "to STAGE", "nowhere", or the reason of a refusal.
std::string outcome(const std::function<Moves()>& plan) {
    try {
        const Moves moves = plan();
        EXPECT_EQ(moves.size(), 1u);
        return moves.front().to.empty() ? "nowhere" : "to " + moves.front().to;
    } catch (const core::Refused& refused) {
        EXPECT_FALSE(std::string(refused.what()).empty());
        return refused.code();
    }
}

TEST(Operation, TheTransitionTableIsThis) {
    struct Row {
        const char* from;
        const char* unverified;
        const char* rollout;
        const char* production;
        const char* production_in_emergency;
        const char* deprecated;
        const char* reject;
        const char* deprecate;
    };
    const Row table[] = {
        // from            promote to … reject           deprecate
        {"", "wrong-stage", "wrong-stage", "wrong-stage", "wrong-stage", "wrong-stage",
         "nothing-to-do", "wrong-stage"},
        {"unverified", "wrong-stage", "to stage-rollout", "wrong-stage", "to production",
         "wrong-stage", "nowhere", "wrong-stage"},
        {"stage-rollout", "wrong-stage", "nothing-to-do", "to production", "to production",
         "wrong-stage", "nowhere", "wrong-stage"},
        {"production", "wrong-stage", "wrong-stage", "nothing-to-do", "nothing-to-do",
         "wrong-stage", "wrong-stage", "to deprecated"},
        {"deprecated", "wrong-stage", "wrong-stage", "wrong-stage", "wrong-stage", "wrong-stage",
         "wrong-stage", "nothing-to-do"},
    };
    const core::Configuration configuration = default_configuration();
    for (const Row& row : table) {
        SCOPED_TRACE(row.from);
        Standing standing{{"other", "production"}};
        if (*row.from != '\0') standing["a"] = row.from;
        const auto promote = [&](const char* to, bool emergency) {
            return outcome([&] {
                return core::plan_promote(standing, configuration, {"a"}, to, lookup(emergency));
            });
        };
        for (const bool emergency : {false, true}) {
            EXPECT_EQ(promote("unverified", emergency), row.unverified);
            EXPECT_EQ(promote("stage-rollout", emergency), row.rollout);
            EXPECT_EQ(promote("deprecated", emergency), row.deprecated);
        }
        EXPECT_EQ(promote("production", false), row.production);
        EXPECT_EQ(promote("production", true), row.production_in_emergency);
        EXPECT_EQ(outcome([&] { return core::plan_reject(standing, configuration, "a"); }),
                  row.reject);
        EXPECT_EQ(outcome([&] { return core::plan_deprecate(standing, configuration, "a"); }),
                  row.deprecate);
    }
}

TEST(Operation, AnAdmissionMakesRoomInTheEntryStageOnly) {
    const core::Configuration configuration = default_configuration();
    const core::ReleaseFacts facts{"argus", "1", "umd5", false};
    const auto plan = [&](const Standing& standing) {
        return core::plan_admit(standing, configuration, "argus-1~2", facts, lookup(false));
    };
    EXPECT_EQ(plan({}), (Moves{{"argus-1~2", "", "unverified"}}));
    EXPECT_EQ(plan({{"argus-1", "unverified"}}),
              (Moves{{"argus-1~2", "", "unverified"}, {"argus-1", "unverified", ""}}));
    for (const char* later : {"stage-rollout", "production", "deprecated"}) {
        EXPECT_REFUSED(plan({{"argus-1", later}}), core::reason::already_released);
    }
    EXPECT_EQ(
        plan({{"argus-1.1", "production"}, {"argus-10", "production"}, {"argus", "production"}}),
        (Moves{{"argus-1~2", "", "unverified"}}))
        << "other releases whose names begin alike";
}

TEST(Operation, AnAdmissionLeavesOtherLinesAndOtherProductsAlone) {
    const core::Configuration configuration = default_configuration();
    const Standing standing{{"argus-1@umd4", "production"}, {"argus-1", "unverified"}};
    const core::ReleaseLookup facts = [](const std::string& id) -> core::ReleaseFacts {
        if (id == "argus-1@umd4") return {"argus", "1", "umd4", false};
        return {"argus-1", "", "umd5", false};  // another product whose id is the same
    };
    EXPECT_EQ(core::plan_admit(standing, configuration, "argus-1~2", {"argus", "1", "umd5", false},
                               facts),
              (Moves{{"argus-1~2", "", "unverified"}}));
    const core::ReleaseLookup spelt = [](const std::string&) -> core::ReleaseFacts {
        return {"ARGUS", "1", "umd5", false};
    };
    EXPECT_EQ(core::plan_admit({{"argus-1", "unverified"}}, configuration, "argus-1~2",
                               {"argus", "1", "umd5", false}, spelt)
                  .size(),
              2u)
        << "upper and lower case are one name";
}

TEST(Operation, ARollbackUndoesMovesAdmissionsAndRejections) {
    const Standing then{
        {"moved", "unverified"}, {"rejected", "unverified"}, {"same", "production"}};
    const Standing now{{"moved", "production"}, {"admitted", "unverified"}, {"same", "production"}};
    const core::ReleaseLookup by_id = [](const std::string& id) -> core::ReleaseFacts {
        return {id, "1", "umd5", false};
    };
    const auto plan_rollback = [&](const Standing& from, const Standing& to, const auto& stage) {
        return core::plan_rollback(from, to, stage, by_id);
    };
    EXPECT_EQ(plan_rollback(now, then, std::nullopt), (Moves{{"admitted", "unverified", ""},
                                                             {"moved", "production", "unverified"},
                                                             {"rejected", "", "unverified"}}));
    EXPECT_EQ(core::plan_rollback(now, then, "production", by_id),
              (Moves{{"moved", "production", "unverified"}}));
    EXPECT_EQ(plan_rollback(now, now, std::nullopt), Moves());
    EXPECT_EQ(core::after(now, plan_rollback(now, then, std::nullopt)), then);
}

TEST(Operation, TwoReleasesOfOneNameAreNotPromotedIntoOneStage) {
    const core::Configuration configuration = default_configuration();
    const auto promote = [&](const Standing& standing, const std::vector<std::string>& releases) {
        return core::plan_promote(standing, configuration, releases, "stage-rollout",
                                  lookup(false));
    };
    const Standing both{{"a-1", "unverified"}, {"a-1~2", "unverified"}};
    EXPECT_REFUSED(promote(both, {"a-1", "a-1~2"}), core::reason::already_released);
    EXPECT_EQ(promote(both, {"a-1"}).size(), 1u) << "or neither could leave";
    EXPECT_REFUSED(promote({{"a-1", "stage-rollout"}, {"a-1~2", "unverified"}}, {"a-1~2"}),
                   core::reason::already_released);
}

TEST(Operation, VerbsHaveTheirNames) {
    for (const auto verb :
         {core::Verb::init, core::Verb::admit, core::Verb::promote, core::Verb::reject,
          core::Verb::deprecate, core::Verb::rollback, core::Verb::refresh}) {
        EXPECT_EQ(core::verb_named(core::name(verb)), verb);
    }
    EXPECT_THROW(core::verb_named("destroy"), core::Error);
}

}  // namespace
}  // namespace core_test
