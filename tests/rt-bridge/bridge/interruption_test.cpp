// SPDX-License-Identifier: GPL-3.0-or-later
// A request is done once and told whatever comes between: RT hides a ticket, the disk does not
// answer, the process ends.
#include <gtest/gtest.h>

#include "tests/rt-bridge/bridge/one_release.hpp"

namespace bridge {
namespace {

using InterruptionTest = BridgeOfOneRelease;

struct Killed {};

TEST_F(InterruptionTest, ATicketThatRtHidesForAMomentIsNotGivenUpAndStopsNoOther) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    make(2, "alice");
    ask(2, "mallory", "Reject");
    rt_.hidden = {1};
    EXPECT_FALSE(look());
    EXPECT_NE(warnings_.find("ticket 1 is postponed: RT answered 403"), std::string::npos);
    EXPECT_TRUE(told("mallory may not", 2));
    EXPECT_FALSE(look());
    rt_.hidden.clear();
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
    EXPECT_EQ(bridge_->counts().left_alone, 0u);
}

TEST_F(InterruptionTest, AMoveThatCannotBeToldNowStopsNobody) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.moves = {{++releases_.number, "argus-1", "erin", ""}};
    releases_.look = [] { throw core::Refused("unknown-release", "its record is not there"); };
    make(2, "alice");
    ask(2, "mallory", "Reject");
    EXPECT_FALSE(look());
    releases_.look = [] {};
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("of erin")) << rt_.texts[1];
    EXPECT_TRUE(told("mallory may not", 2));
}

TEST_F(InterruptionTest, ARequestOverWhichTheProcessEndsTwiceIsFailedAndNoOtherIs) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    make(2, "alice");
    ask(2, "mallory", "Reject");
    int begun = 0;
    releases_.work = [&] {
        ++begun;
        throw Killed();
    };
    for (int i = 0; i < 2; ++i) {
        EXPECT_THROW(look(), Killed);
        bridge_.reset();
    }
    EXPECT_TRUE(look());
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(status(), "Failed");
    EXPECT_TRUE(told("[process-ended]")) << rt_.texts[1];
    EXPECT_TRUE(told("mallory may not", 2));
    releases_.work = [] {};
    EXPECT_TRUE(bridge_->retry(1));
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
}

TEST_F(InterruptionTest, AnErrorIsNoEndOfTheProcess) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    releases_.work = [] { throw core::Error("no space left"); };
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(look());
        bridge_.reset();
    }
    releases_.work = [] {};
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
}

TEST_F(InterruptionTest, WhatTheDiskDidNotConfirmIsDoneOnceAndToldWithTheDoubt) {
    releases_.after = [&] {
        throw core::Unconfirmed(releases_.number, "operation is done, but EIO");
    };
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
    EXPECT_TRUE(told("done, operation 2")) << rt_.texts[1];
    EXPECT_TRUE(told("The disk did not confirm operation 2")) << rt_.texts[1];
    EXPECT_NE(warnings_.find("ticket 1: operation is done, but EIO"), std::string::npos);
    for (const auto& [action, by] : {std::pair{"MoveToStageRollOut", "bob"}, {"Reject", "bob"}}) {
        ask(1, by, action);
        EXPECT_TRUE(look());
        EXPECT_TRUE(told("The disk did not confirm operation " + std::to_string(releases_.number)))
            << rt_.texts[1];
    }
    EXPECT_TRUE(look());
    EXPECT_EQ(releases_.number, 4u);
    EXPECT_EQ(rt_.comments[1].size(), 3u);
    EXPECT_EQ(status(), "Rejected");
}

TEST_F(InterruptionTest, WhatNobodyCanTellWaitsUntilTheLedgerCan) {
    releases_.after = [&] {
        releases_.settle = [] { throw core::Error("no ledger now"); };
        throw core::Unconfirmed(releases_.number, "it may be done or not");
    };
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(look());
    EXPECT_TRUE(rt_.comments[1].empty());
    releases_.settle = releases_.after = [] {};
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("done, operation 2")) << rt_.texts[1];

    releases_.after = [&] {
        releases_.ledger.clear();
        throw core::Unconfirmed(releases_.number, "it may be done or not");
    };
    ask(1, "bob", "MoveToStageRollOut");
    EXPECT_FALSE(look());
    EXPECT_EQ(rt_.comments[1].size(), 1u);
    EXPECT_EQ(status(), "Unverified");
}

/// Ticket 2 hands in what ticket 1 has had admitted: it speaks of that release.
TEST_F(InterruptionTest, AMoveOfAnothersReleaseIsToldToItsTicketThoughTheProcessEndedBefore) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.same = true;
    make(2, "alice");
    ask(2, "bob", "MoveToUnverified");
    look();
    EXPECT_TRUE(told("was admitted before", 2)) << rt_.texts[2];
    releases_.after = [] { throw Killed(); };
    ask(2, "bob", "MoveToStageRollOut");
    EXPECT_THROW(look(), Killed);
    bridge_.reset();
    releases_.after = [] {};
    EXPECT_TRUE(look()) << warnings_;
    EXPECT_TRUE(told("argus-1 is in stage-rollout", 2)) << rt_.texts[2];
    EXPECT_EQ(status(2), "Stage-Rollout");
}

/// What ticket 2 had in common with ticket 1 ends with an admission of its own.
TEST_F(InterruptionTest, AnAdmissionOverWhichTheProcessEndedIsTheTicketsReleaseAfterwards) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.same = true;
    make(2, "alice");
    ask(2, "bob", "MoveToUnverified");
    look();
    EXPECT_EQ(bridge_->release_of(2), "argus-1");
    releases_.same = false;
    releases_.after = [] { throw Killed(); };
    ask(2, "bob", "");
    ask(2, "bob", "MoveToUnverified");
    EXPECT_THROW(look(), Killed);
    bridge_.reset();
    releases_.after = [] {};
    EXPECT_TRUE(look()) << warnings_;
    EXPECT_EQ(bridge_->release_of(2), "") << "which the ledger of this test says";
}

}  // namespace
}  // namespace bridge
