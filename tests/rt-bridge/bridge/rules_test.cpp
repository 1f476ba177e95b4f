// SPDX-License-Identifier: GPL-3.0-or-later
// What single requests come to: who had a hand in a release, who grants an emergency, a stage that
// tickets have no word for.
#include <gtest/gtest.h>

#include "tests/rt-bridge/bridge/one_release.hpp"

namespace bridge {
namespace {

using RulesTest = BridgeOfOneRelease;

TEST_F(RulesTest, AThirdPersonsArchiveIsPassedOverAndNamed) {
    make(1, "alice");
    attach(1, "alice", "argus.tar.gz");
    attach(1, "mallory", "newer.tar.gz");
    ask(1, "bob", "MoveToUnverified");
    EXPECT_TRUE(look());
    ASSERT_EQ(releases_.taken.bundle.size(), 1u);
    EXPECT_EQ(releases_.taken.bundle.front().name, "argus.tar.gz");
    EXPECT_TRUE(told("Passed over: newer.tar.gz of mallory")) << rt_.texts[1];
}

TEST_F(RulesTest, WhatComesAfterTheAdmissionIsAnsweredOnceAndChangesNothing) {
    make(1, "alice");
    attach(1, "alice", "argus.tar.gz");
    ask(1, "bob", "MoveToUnverified");
    for (const char* user : {"alice", "bob", "mallory"}) {
        attach(1, user, "newer.tar.gz");
        EXPECT_TRUE(look());
        EXPECT_TRUE(told(std::string("newer.tar.gz came from ") + user)) << rt_.texts[1];
        EXPECT_TRUE(told("cleared and set to MoveToUnverified again")) << rt_.texts[1];
    }
    attach(1, "alice", "notes.txt");
    EXPECT_TRUE(look());
    EXPECT_EQ(rt_.comments[1].size(), 4u);
    EXPECT_EQ(releases_.number, 2u);
    EXPECT_EQ(status(), "Unverified");
}

/// Every way to have a hand in a release, for somebody who may send releases to production.
TEST_F(RulesTest, WhoHadAHandInItDoesNotSendItToProduction) {
    using Kind = rt::Change::Kind;
    const std::vector<std::function<void()>> hands{
        [&] { make(1, "demo"); },
        [&] { make(1, "bob", {"demo"}); },
        [&] {
            make(1, "bob", {"demo"});
            happen(1, Kind::requestor, "demo");
            rt_.changes.at(last_).old_value = "demo";
            rt_.tickets[1].requestors.clear();
        },
        [&] {
            make(1, "bob");
            attach(1, "demo", "argus.tar.gz");
        },
        [&] {
            make(1, "bob");
            happen(1, Kind::field, "demo", "SyncURL", "https://example.org/");
        },
        [&] {
            make(1, "bob");
            ask(1, "demo", "MoveToUnverified");
        },
    };
    for (std::size_t i = 0; i < hands.size(); ++i) {
        SCOPED_TRACE(i);
        rt_ = FakeRt();
        rt_.members = {{"unit", {"bob", "demo"}}, {"managers", {"carol", "demo"}}};
        releases_ = OneRelease();
        hands[i]();
        if (!rt_.tickets[1].fields.contains("RepoAction")) ask(1, "bob", "MoveToUnverified");
        look();
        ASSERT_EQ(releases_.stage, "unverified");
        // What happens to the ticket later does not undo it.
        rt_.tickets[1].requestors.clear();
        ask(1, "bob", "MoveToStageRollOut");
        ask(1, "demo", "MoveToProduction");
        look();
        EXPECT_EQ(releases_.stage, "stage-rollout");
        EXPECT_TRUE(told("[second-person]")) << rt_.texts[1];
        ask(1, "carol", "");
        ask(1, "carol", "MoveToProduction");
        look();
        EXPECT_EQ(releases_.stage, "production");
    }
}

TEST_F(RulesTest, AnEmergencyIsGrantedByThoseWhoMayAndOnlyAskedForByOthers) {
    make(1, "alice");
    rt_.tickets[1].fields["Emergency"] = "yes";
    ask(1, "bob", "MoveToUnverified");
    look();
    EXPECT_FALSE(releases_.taken.admission.emergency);
    EXPECT_TRUE(told("An emergency was asked for by alice")) << rt_.texts[1];
    EXPECT_TRUE(told("the group managers")) << rt_.texts[1];
    ask(1, "carol", "MoveToProduction");
    look();
    EXPECT_EQ(releases_.stage, "unverified");
    EXPECT_EQ(status(), "Failed");
    EXPECT_TRUE(told("An emergency was asked for by alice")) << rt_.texts[1];
    happen(1, rt::Change::Kind::field, "carol", "Emergency", "");
    happen(1, rt::Change::Kind::field, "bob", "Emergency", "yes");
    look();
    EXPECT_EQ(releases_.stage, "unverified") << "bob may not";
    happen(1, rt::Change::Kind::field, "bob", "Emergency", "");
    happen(1, rt::Change::Kind::field, "carol", "Emergency", "yes");
    look();
    EXPECT_EQ(releases_.stage, "production") << rt_.texts[1];
}

TEST_F(RulesTest, AStageThatTicketsHaveNoWordForStopsNobody) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.stage = "trial";
    releases_.moves = {{++releases_.number, "argus-1", "erin", "by hand"}};
    make(2, "alice");
    ask(2, "mallory", "Reject");
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("Operation 3 of erin")) << rt_.texts[1];
    EXPECT_TRUE(told("in trial")) << rt_.texts[1];
    EXPECT_EQ(status(), "Unverified");
    EXPECT_TRUE(told("mallory may not", 2));
    ask(1, "bob", "MoveToStageRollOut");
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("the release is in trial; to stage-rollout releases come from unverified"))
        << rt_.texts[1];
}

}  // namespace
}  // namespace bridge
