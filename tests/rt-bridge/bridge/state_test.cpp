// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/state.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace bridge {
namespace {

State sample() {
    Request request;
    request.ticket = 7;
    request.transaction = 53;
    request.attempt = 2;
    request.kind = Request::Kind::mended;
    request.action = "MoveToUnverified";
    request.by = "alice";
    State state;
    state.cursor = 60;
    state.seen = {53, 60};
    state.followed = 12;
    state.tickets[7].failed = request;
    state.tickets[8].release = "argus-1.7.3";
    request.answer = Answer{{{{"RepoStatus", "Failed"}, {"RepositoryURL", ""}}, "unit"},
                            "a \"text\"\nof lines\xff",
                            true};
    request.answer->comment = "a \"text\"\nof lines";
    state.open.push_back(request);
    return state;
}

TEST(BridgeState, IsReadAsItWasWritten) {
    EXPECT_EQ(state_from_json(to_json(sample())), sample());
    EXPECT_EQ(state_from_json(to_json(State())), State());
}

TEST(BridgeState, BytesThatAreNotTextDoNotStopTheBridge) {
    State state = sample();
    state.open.front().answer->comment = "\xff\xfe";
    EXPECT_NO_THROW(state_from_json(to_json(state)));
}

TEST(BridgeState, DamageIsAnError) {
    const std::string text = to_json(sample());
    for (std::size_t size = 0; size + 2 < text.size(); size += 7) {
        EXPECT_THROW(state_from_json(text.substr(0, size)), core::Error) << size;
    }
    EXPECT_THROW(state_from_json("{}"), core::Error);
    EXPECT_THROW(state_from_json("[]"), core::Error);
}

TEST(BridgeState, CausesNameTicketTransactionAndAttempt) {
    Request request;
    request.ticket = 7;
    request.transaction = 53;
    EXPECT_EQ(cause_of(request), "rt:7/53");
    request.attempt = 3;
    EXPECT_EQ(cause_of(request), "rt:7/53#3");
    request.kind = Request::Kind::follow;
    EXPECT_EQ(cause_of(request), "op:7/53");
    EXPECT_EQ(ticket_in("rt:7/53#3"), 7u);
    for (const char* text : {"", "rt:", "rt:7", "rt:x/1", "7/53", "op:7/53", "rt:-1/2"}) {
        EXPECT_EQ(ticket_in(text), 0u) << text;
    }
    EXPECT_EQ(causes_in("rt:7/53 rt:8/54"), (std::vector<std::string>{"rt:7/53", "rt:8/54"}));
}

}  // namespace
}  // namespace bridge
