// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/ledger_index.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

core::CommittedOperation operation(std::uint64_t number, core::Verb verb,
                                   std::vector<core::Move> moves, std::string cause = {}) {
    core::CommittedOperation committed;
    committed.operation.number = number;
    committed.operation.verb = verb;
    committed.operation.moves = std::move(moves);
    committed.operation.by = "bob";
    committed.operation.cause = std::move(cause);
    return committed;
}

LedgerIndex sample() {
    using core::Verb;
    return LedgerIndex({
        operation(1, Verb::init, {}),
        operation(2, Verb::admit, {{"a-1", "", "unverified"}}, "rt:7/53"),
        operation(3, Verb::admit, {{"b-1", "", "unverified"}}, "rt:8/54"),
        operation(4, Verb::promote,
                  {{"a-1", "unverified", "stage-rollout"}, {"b-1", "unverified", "stage-rollout"}},
                  "rt:7/60 rt:8/61"),
        operation(5, Verb::promote, {{"a-1", "stage-rollout", "production"}}),
        operation(6, Verb::admit, {{"c-1", "", "unverified"}}, "rt:9/70"),
        operation(7, Verb::admit, {{"c-1~2", "", "unverified"}, {"c-1", "unverified", ""}},
                  "rt:10/71"),
    });
}

TEST(LedgerIndex, FindsWhatWasDoneForACause) {
    const LedgerIndex index = sample();
    EXPECT_EQ(index.done_for("rt:7/53")->number, 2u);
    EXPECT_EQ(index.done_for("rt:7/53")->release, "a-1");
    EXPECT_FALSE(index.done_for("rt:7/5"));
    EXPECT_FALSE(index.done_for("rt:7/53#2"));
    EXPECT_FALSE(index.done_for(""));
}

TEST(LedgerIndex, AnOperationCountsForEveryTicketThatAskedForIt) {
    const LedgerIndex index = sample();
    EXPECT_EQ(index.done_for("rt:7/60")->number, 4u);
    EXPECT_EQ(index.done_for("rt:8/61")->number, 4u);
    EXPECT_EQ(index.done_for("rt:8/61")->release, "b-1");
}

TEST(LedgerIndex, KnowsWhoseAReleaseIs) {
    const LedgerIndex index = sample();
    EXPECT_EQ(index.of_ticket(7), "a-1");
    EXPECT_EQ(index.ticket_of("b-1"), 8u);
    EXPECT_EQ(index.of_ticket(99), "");
    EXPECT_EQ(index.ticket_of("z"), 0u);
}

TEST(LedgerIndex, MovesThatATicketDidNotAskForAreTold) {
    const LedgerIndex index = sample();
    const auto moved = index.moved_after(2);
    ASSERT_EQ(moved.size(), 2u);
    EXPECT_EQ(moved[0].release, "a-1");
    EXPECT_EQ(moved[0].number, 5u);
    EXPECT_EQ(moved[1].release, "c-1") << "pushed out by another ticket's submission";
    EXPECT_EQ(index.moved_after(7).size(), 0u);
    EXPECT_EQ(index.last(), 7u);
}

TEST(LedgerIndex, AReleaseHasItsHistory) {
    const auto history = sample().history("a-1");
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[2].operation, 5u);
    EXPECT_EQ(history[2].verb, "promote");
}

}  // namespace
}  // namespace bridge
