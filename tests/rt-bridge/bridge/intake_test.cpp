// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/intake.hpp"

#include <gtest/gtest.h>

#include "tests/rt-bridge/bridge/fake_rt.hpp"

namespace bridge {
namespace {

class IntakeTest : public testing::Test {
  protected:
    rt::Change change(rt::TransactionId id, rt::TicketId ticket, const std::string& old_value,
                      const std::string& value, const std::string& by = "bob") {
        rt::Change one;
        one.id = id;
        one.ticket = ticket;
        one.field = "RepoAction";
        one.old_value = old_value;
        one.new_value = value;
        one.creator = by;
        return one;
    }

    rt::Change created(rt::TransactionId id, rt::TicketId ticket, const std::string& by = "alice") {
        rt::Change one = change(id, ticket, "", "", by);
        one.kind = rt::Change::Kind::created;
        one.field.clear();
        return one;
    }

    State take(State state = {}) { return intake_.take(std::move(state), false).state; }

    std::vector<std::string> asked(const State& state) {
        std::vector<std::string> all;
        for (const Request& request : state.open) {
            all.push_back(cause_of(request) + " " + request.action + " " + request.by);
        }
        return all;
    }

    using Texts = std::vector<std::string>;
    FakeRt rt_;
    Intake intake_{rt_, {}};
};

TEST_F(IntakeTest, ATicketThatIsMadeMayAskForSomething) {
    rt_.happen(created(10, 1));
    rt_.hidden = {1};
    const State state = take();
    EXPECT_EQ(asked(state), Texts{"rt:1/10  alice"});
    EXPECT_EQ(state.open.front().kind, Request::Kind::created);
}

TEST_F(IntakeTest, NothingCountsTwice) {
    rt_.repeated = 100;
    rt_.happen(created(10, 1));
    rt_.happen(change(11, 1, "", "Reject"));
    const State once = take();
    EXPECT_EQ(take(once), once);
    EXPECT_EQ(once.open.size(), 2u);
}

TEST_F(IntakeTest, ATransactionThatShowsLateIsNotLost) {
    rt_.repeated = 100;
    rt_.happen(change(20, 2, "", "Reject"));
    const State state = take();
    rt_.happen(change(19, 1, "", "Reject"));
    EXPECT_EQ(asked(take(state)), (Texts{"rt:2/20 Reject bob", "rt:1/19 Reject bob"}));
}

TEST_F(IntakeTest, WhatIsOnlyShownAgainIsNotReadTwice) {
    rt_.repeated = 100;
    rt_.happen(change(20, 2, "", "Reject"));
    const State state = take();
    int calls = 0;
    rt_.fault = [&] { ++calls; };
    EXPECT_EQ(take(state), state);
    EXPECT_EQ(calls, 1);
}

TEST_F(IntakeTest, AClearedFieldAsksForNothing) {
    rt_.happen(change(10, 1, "Reject", ""));
    const State state = take();
    EXPECT_TRUE(state.open.empty());
    EXPECT_EQ(state.cursor, 10u);
}

TEST_F(IntakeTest, TicketsThatWereAnsweredBeforeTheFirstLookAreLeftAlone) {
    rt_.happen(created(10, 1));
    rt_.tickets[1].fields = {{"RepoAction", "MoveToProduction"}, {"RepoStatus", "Production"}};
    rt_.happen(created(11, 2));
    rt_.tickets[2].fields = {{"RepoAction", "MoveToUnverified"}};
    const Intake::Taken taken = intake_.take({}, true);
    EXPECT_EQ(asked(taken.state), Texts{"rt:2/11  alice"});
    EXPECT_EQ(taken.left_alone, 1u);
    rt_.happen(change(12, 1, "MoveToProduction", "Depreceate"));
    EXPECT_EQ(asked(take(taken.state)).back(), "rt:1/12 Depreceate bob");
}

}  // namespace
}  // namespace bridge
