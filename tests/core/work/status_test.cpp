// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StatusOf : public testing::Test {
  protected:
    StatusOf() {
        configuration.stages = default_stages();
        state.generation = 7;
        state.standing = {{"a-1", "production"}, {"b-1", "production"}, {"c-1", "unverified"}};
        state.repositories["x"].valid_until = now + std::chrono::days(10);
        state.repositories["y"].valid_until = now + std::chrono::days(9);
    }

    Status status() const { return status_of(state, configuration, key, keys, changes, now); }

    Time now = parse_time("2026-11-22T12:00:00Z");
    Configuration configuration;
    State state;
    DepotKey key{"F", {}, {}};
    Report keys;
    ConfigurationFindings changes;
};

TEST_F(StatusOf, SoundDepotHasNeitherProblemNorWarning) {
    EXPECT_EQ(status().valid_until, now + std::chrono::days(9));
    EXPECT_EQ(status().releases.at("production"), 2u);
    EXPECT_EQ(status().releases.at("deprecated"), 0u);
    EXPECT_THAT(status().problems, IsEmpty());
    EXPECT_THAT(status().warnings, IsEmpty());
}

TEST_F(StatusOf, WhatIsLostIsAProblem) {
    state.lost = {"public/generations/000007/keys"};
    EXPECT_THAT(status().problems, ElementsAre(HasSubstr("000007/keys is damaged")));
}

TEST_F(StatusOf, ExpiryIsAWarningAndThenAProblem) {
    state.repositories["y"].valid_until = now + std::chrono::days(2);
    EXPECT_THAT(status().warnings, ElementsAre(HasSubstr("less than 3 days")));
    state.repositories["y"].valid_until = now;
    EXPECT_THAT(status().problems, ElementsAre(HasSubstr("has expired")));
    EXPECT_THAT(status().warnings, IsEmpty());
}

TEST_F(StatusOf, AClockThatStandsBeforeWhatIsPublishedIsAProblem) {
    state.date = now;
    now = state.date - std::chrono::seconds(5);
    EXPECT_EQ(status().problems.size(), 0u);
    now = state.date - std::chrono::hours(1);
    EXPECT_THAT(status().problems, ElementsAre(HasSubstr("nothing can be committed until")));
}

TEST_F(StatusOf, DepotKeyIsJudged) {
    key.expires = now + std::chrono::days(29);
    EXPECT_THAT(status().warnings, ElementsAre(HasSubstr("key expires at 2026-12-21")));
    key.unusable = "revoked";
    EXPECT_THAT(status().problems, ElementsAre("the depot's key cannot sign: revoked"));
}

TEST_F(StatusOf, ErrorsOfKeysAreProblems) {
    Problem problem;
    problem.where = "a-1";
    problem.message = "gone";
    keys = {problem};
    EXPECT_THAT(status().problems, ElementsAre("a-1: gone"));
    keys.front().severity = Severity::warning;
    EXPECT_THAT(status().warnings, ElementsAre("a-1: gone"));
    EXPECT_THAT(status().problems, IsEmpty());
}

TEST_F(StatusOf, RefusedChangesAreProblemsAndThoseThatAreDueWarnings) {
    changes.refused = {"line a is gone"};
    changes.due = {"line b is new: run it"};
    EXPECT_THAT(status().problems, ElementsAre("sluice.toml: line a is gone"));
    EXPECT_THAT(status().warnings, ElementsAre("line b is new: run it"));
}

TEST_F(StatusOf, DepotKeyThatSitesHaveAsItWasIsAWarning) {
    key.text = sha256("with a later expiry");
    EXPECT_THAT(status().warnings, IsEmpty()) << "nothing was written down";
    state.handed_out["keys/sluice.asc"] = sha256("with an early expiry");
    EXPECT_THAT(status().warnings, ElementsAre(HasSubstr("the depot's key has changed")));
    state.made_with = Configuration();
    configuration.signing_key = "ANOTHER";
    EXPECT_THAT(status().warnings, IsEmpty()) << "it is told as a change of signing.key";
}

TEST_F(StatusOf, EmptyDepotSaysSo) {
    state = {};
    EXPECT_THAT(status().warnings, ElementsAre("nothing is published yet"));
    EXPECT_FALSE(status().valid_until);
}

}  // namespace
}  // namespace core
