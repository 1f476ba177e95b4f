// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/address.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace http {
namespace {

bool reachable(const std::string& text) {
    const auto address = Address::parse(text);
    EXPECT_TRUE(address.has_value()) << text;
    return address && is_public(*address);
}

TEST(Address, PublicOnesAreAllowed) {
    for (const char* text :
         {"93.184.216.34", "8.8.8.8", "1.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.255.255",
          "100.63.255.255", "100.128.0.0", "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946",
          "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"}) {
        EXPECT_TRUE(reachable(text)) << text;
    }
}

TEST(Address, EverythingThatIsNotForEveryoneIsRefused) {
    for (const char* text : {"0.0.0.0",
                             "0.255.255.255",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.0.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::2",
                             "::127.0.0.1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "ff02::1",
                             "ff0e::1",
                             "100::1",
                             "2001::1",
                             "2001:db8::1",
                             "3fff::1",
                             "5f00::1",
                             "4000::1",
                             "64:ff9b:1::1"}) {
        EXPECT_FALSE(reachable(text)) << text;
    }
}

TEST(Address, AnIpv4AddressInsideAnIpv6OneIsJudgedAsItself) {
    for (const char* text : {"::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.1.2.3",
                             "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
                             "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:1::1"}) {
        EXPECT_FALSE(reachable(text)) << text;
    }
}

TEST(Address, OtherSpellingsOfLoopbackResolveToWhatIsRefused) {
    for (const char* text : {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.1",
                             "0", "localhost"}) {
        for (const Address& address : resolve(text)) {
            EXPECT_FALSE(is_public(address)) << text << " is " << address.text();
        }
    }
}

TEST(Address, OnlyTheStrictFormIsParsed) {
    for (const char* text : {"", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "256.1.1.1", "example.org",
                             "1.2.3.4 ", "fe80::1%eth0", "[::1]"}) {
        EXPECT_FALSE(Address::parse(text).has_value()) << text;
    }
    EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST(Network, HoldsTheAddressesOfItsPrefix) {
    const Network network = Network::parse("10.1.0.0/15");
    EXPECT_TRUE(network.contains(*Address::parse("10.1.2.3")));
    EXPECT_TRUE(network.contains(*Address::parse("::ffff:10.0.0.1")));
    EXPECT_FALSE(network.contains(*Address::parse("10.2.0.0")));
    EXPECT_TRUE(Network::parse("127.0.0.1").contains(*Address::parse("127.0.0.1")));
    EXPECT_FALSE(Network::parse("127.0.0.1").contains(*Address::parse("127.0.0.2")));
    EXPECT_TRUE(Network::parse("fd00::/8").contains(*Address::parse("fdff::1")));
    EXPECT_TRUE(Network::parse("0.0.0.0/0").contains(*Address::parse("8.8.8.8")));
    EXPECT_FALSE(Network::parse("0.0.0.0/0").contains(*Address::parse("2a00::1")));
}

TEST(Network, ABadOneIsTheOperatorsError) {
    for (const char* text :
         {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/", "ten/8", "fd00::/129"}) {
        EXPECT_THROW(Network::parse(text), core::Error) << text;
    }
}

}  // namespace
}  // namespace http
