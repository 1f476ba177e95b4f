// SPDX-License-Identifier: GPL-3.0-or-later
// A rollback gives an earlier state back, and nothing that would break a rule of today.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Standing;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

class Rollback : public testing::Test, public World {};

TEST_F(Rollback, RollbackIsANewGenerationWithTheOldContent) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    const auto good = depot->state();
    clock.time += hours(1);
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    promote(b, "stage-rollout");
    clock.time += hours(1);
    const auto outcome = operations().rollback(good.generation, std::nullopt, asked);
    EXPECT_EQ(outcome.state.standing, good.standing);
    EXPECT_EQ(outcome.state.generation, good.generation + 3);
    EXPECT_GT(outcome.state.date, good.date);
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64"));
    EXPECT_THAT(seen("unverified"), IsEmpty());
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(operations().rollback(good.generation, std::nullopt, asked),
                   core::reason::nothing_to_do);
    EXPECT_REFUSED(operations().rollback(999, std::nullopt, asked),
                   core::reason::unknown_generation);
}

TEST_F(Rollback, RollbackWithoutANumberUndoesTheLastMoves) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    operations().refresh(asked);
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(standing(), (Standing{{a, "unverified"}}));
    EXPECT_THAT(seen("unverified", "umd5/releases/a-1/el9/x86_64"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Rollback, RollbackOfAStageLeavesTheOthers) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    const auto then = depot->state().generation;
    promote(a, "production");
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    operations().rollback(then, "production", asked);
    EXPECT_EQ(standing(), (Standing{{a, "stage-rollout"}, {b, "unverified"}}));
    EXPECT_REFUSED(operations().rollback(then, "nowhere", asked), core::reason::unknown_stage);
}

TEST_F(Rollback, ARollbackBringsReleasesBackToTheirPlace) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    const auto good = depot->state();
    promote(a, "stage-rollout");
    EXPECT_EQ(depot->state().arrivals.at(a), good.generation + 1);
    operations().rollback(good.generation, std::nullopt, asked);
    EXPECT_EQ(depot->state().arrivals, good.arrivals);
    EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64", "b-1.x86_64"));
    // Away and back by other moves, so that it stands where it stood, but at another place.
    operations().reject(a, asked);
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(depot->state().arrivals, good.arrivals);
    EXPECT_EQ(findings(), "");
}

TEST_F(Rollback, OfAReleaseReadsNoRecordOfAnotherInTheStageItGoesBackTo) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    admitted("b", "1", {"b 1 x86_64"});
    promote(a, "stage-rollout");
    core::write_file(depot->layout.releases() / "b-1.json", "{}");
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(standing().at(a), "unverified");
}

TEST_F(Rollback, OfOneProductAndVersionOneReleaseStandsAtATime) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    const auto then = depot->state().generation;
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "fix 1 x86_64"});
    promote(second, "stage-rollout");
    const auto before = everything();
    EXPECT_REFUSED(operations().rollback(then, "unverified", asked),
                   core::reason::already_released);
    EXPECT_EQ(everything(), before);
    operations().rollback(then, std::nullopt, asked);  // the other one leaves
    EXPECT_EQ(standing(), (Standing{{first, "unverified"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(Rollback, ARejectedReleaseDoesNotComeBackBesideTheNextOfItsName) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    promote(first, "stage-rollout");
    const auto then = depot->state().generation;
    operations().reject(first, asked);
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "fix 1 x86_64"});
    EXPECT_REFUSED(operations().rollback(then, "stage-rollout", asked),
                   core::reason::already_released);
    EXPECT_EQ(standing(), (Standing{{second, "unverified"}}));
}

}  // namespace
}  // namespace core_test
