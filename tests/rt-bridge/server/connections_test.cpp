// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/connections.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace server {
namespace {

using namespace std::chrono_literals;

class FakeSockets : public Sockets {
  public:
    std::uint64_t confirmed(int socket) const override { return bytes[socket]; }
    void end(int socket) const override { ended.insert(socket); }

    mutable std::map<int, std::uint64_t> bytes;
    mutable std::set<int> ended;
};

class ConnectionsTest : public testing::Test {
  protected:
    static Limits limits() {
        Limits limits;
        limits.connections = 6;
        limits.connections_of_address = 3;
        limits.trusted_proxies = {"10.0.0.0/8"};
        return limits;
    }

    bool connect(int socket, const std::string& address = "192.0.2.1") {
        const bool admitted =
            connections_.admit(socket, http::Address::parse(address).value(), now_);
        if (admitted) connections_.begun(socket);
        now_ += 1ms;
        return admitted;
    }

    /// One for each second, with a look at who is late.
    void pass(
        std::chrono::seconds time, const std::function<void()>& each = [] {}) {
        for (auto i = 0s; i < time; ++i) {
            now_ += 1s;
            each();
            connections_.end_late(now_);
        }
    }

    void answer(int socket) { connections_.answers(socket, now_); }

    std::set<int> ended() { return std::exchange(sockets_.ended, {}); }

    FakeSockets sockets_;
    const Limits limits_ = limits();
    Connections connections_{limits_, sockets_};
    Time now_{};
};

TEST_F(ConnectionsTest, ARequestHasToBeWholeInTime) {
    connect(1);
    pass(9s, [&] { connections_.receives(1, now_); });
    EXPECT_EQ(ended(), std::set<int>{});
    pass(1s);
    EXPECT_EQ(ended(), std::set{1});
    pass(60s);
    EXPECT_EQ(ended(), std::set<int>{}) << "once";
    connections_.gone(1);
    EXPECT_EQ(connections_.size(), 0u);
}

TEST_F(ConnectionsTest, TheNextRequestHasItsOwnTimes) {
    connect(1);
    answer(1);
    connections_.waits(1, now_);
    pass(14s);
    connections_.receives(1, now_);
    pass(9s);
    EXPECT_EQ(ended(), std::set<int>{});
    pass(1s);
    EXPECT_EQ(ended(), std::set{1});
    connect(2, "192.0.2.2");
    connections_.waits(2, now_);
    pass(16s);
    EXPECT_EQ(ended(), std::set{2});
}

TEST_F(ConnectionsTest, WhoReadsAtTheRateIsNeverEnded) {
    connect(1);
    answer(1);
    pass(3600s, [&] { sockets_.bytes[1] += 1000; });
    EXPECT_EQ(ended(), std::set<int>{});
    pass(25s);
    sockets_.bytes[1] += 25'000;
    pass(29s);
    EXPECT_EQ(ended(), std::set<int>{});
}

TEST_F(ConnectionsTest, WhoReadsSlowerIsEndedWhateverItReadBefore) {
    connect(1);
    answer(1);
    sockets_.bytes[1] = 1ull << 40;
    pass(33s, [&] { sockets_.bytes[1] += 1; });
    EXPECT_EQ(ended(), std::set{1});
    connect(2, "192.0.2.2");
    answer(2);
    pass(70s, [&] { sockets_.bytes[2] += 500; });
    EXPECT_EQ(ended(), std::set{2});
}

TEST_F(ConnectionsTest, WhatTheKernelStillSendsIsNotIdle) {
    connect(1);
    answer(1);
    connections_.waits(1, now_);
    pass(60s, [&] { sockets_.bytes[1] += 1; });
    EXPECT_EQ(ended(), std::set<int>{});
}

TEST_F(ConnectionsTest, TheOldestOfAnAddressMakesRoom) {
    for (int socket : {1, 2, 3}) connect(socket);
    answer(1);
    EXPECT_TRUE(connect(4));
    EXPECT_EQ(ended(), std::set{2});
    EXPECT_EQ(connections_.size(), 3u);
    for (int socket : {3, 4}) answer(socket);
    EXPECT_FALSE(connect(5)) << "all are answered";
    EXPECT_TRUE(connect(6, "192.0.2.2"));
    pass(2s);
    EXPECT_TRUE(connect(5)) << "and are behind with reading";
    EXPECT_EQ(ended(), std::set{1});
}

TEST_F(ConnectionsTest, ThoseOfATrustedProxyAreNotCountedByAddress) {
    for (int socket : {1, 2, 3, 4, 5, 6}) EXPECT_TRUE(connect(socket, "10.1.2.3"));
    EXPECT_EQ(ended(), std::set<int>{});
    EXPECT_TRUE(connect(7, "10.1.2.3"));
    EXPECT_EQ(ended(), std::set{1}) << "but in all";
}

TEST_F(ConnectionsTest, OfIpv6ANetworkCounts) {
    for (int socket : {1, 2, 3}) connect(socket, "2001:db8::" + std::to_string(socket));
    connect(4, "2001:db8:0:1::1");
    EXPECT_EQ(ended(), std::set<int>{});
    connect(5, "2001:db8::5");
    EXPECT_EQ(ended(), std::set{1});
}

TEST_F(ConnectionsTest, WhoHasMostMakesRoomFirst) {
    connect(1, "192.0.2.9");
    for (int socket : {2, 3, 4}) connect(socket);
    for (int socket : {5, 6}) connect(socket, "192.0.2.2");
    EXPECT_TRUE(connect(7, "192.0.2.3"));
    EXPECT_EQ(ended(), std::set{2});
}

TEST_F(ConnectionsTest, NobodyIsAcceptedWhileAllReadWell) {
    for (int socket = 1; socket <= 6; ++socket) {
        connect(socket, "192.0.2." + std::to_string(socket));
        EXPECT_TRUE(connections_.has_room(now_));
        answer(socket);
    }
    EXPECT_FALSE(connections_.has_room(now_));
    pass(3s, [&] {
        for (int socket = 2; socket <= 6; ++socket) sockets_.bytes[socket] += 1000;
    });
    EXPECT_TRUE(connections_.has_room(now_));
    EXPECT_TRUE(connect(7, "192.0.2.7"));
    EXPECT_EQ(ended(), std::set{1});
}

TEST_F(ConnectionsTest, WhatNeverBeganIsForgottenAndNotEnded) {
    connections_.admit(1, http::Address::parse("192.0.2.1").value(), now_);
    pass(11s);
    EXPECT_EQ(connections_.size(), 0u);
    connections_.admit(1, http::Address::parse("192.0.2.1").value(), now_);
    connections_.admit(1, http::Address::parse("192.0.2.2").value(), now_);
    EXPECT_EQ(connections_.size(), 1u);
    EXPECT_EQ(ended(), std::set<int>{});
}

TEST(ConnectionLimits, AProxyIsAnAddress) {
    Limits limits;
    limits.trusted_proxies = {"proxy.example.org"};
    const FakeSockets sockets;
    EXPECT_ANY_THROW(Connections(limits, sockets));
}

}  // namespace
}  // namespace server
