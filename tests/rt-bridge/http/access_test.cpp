// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/access.hpp"

#include <gtest/gtest.h>

#include "rt-bridge/http/failure.hpp"

namespace http {
namespace {

bool allowed(const Access& access, const std::string& url) {
    try {
        access.check(Url::parse(url));
        return true;
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.trouble(), Trouble::forbidden);
        return false;
    }
}

TEST(Access, NothingIsAllowedUnlessItIsNamed) {
    EXPECT_FALSE(allowed(Access{}, "https://example.org/"));
}

TEST(Access, AHostIsAllowedAtTheUsualPortsOnly) {
    Access access;
    access.hosts = {"example.org"};
    EXPECT_TRUE(allowed(access, "https://example.org/x"));
    EXPECT_TRUE(allowed(access, "http://example.org:80/x"));
    EXPECT_TRUE(allowed(access, "ftp://EXAMPLE.ORG/x"));
    EXPECT_FALSE(allowed(access, "http://example.org:22/x"));
    EXPECT_FALSE(allowed(access, "http://example.org:8080/x"));
    EXPECT_FALSE(allowed(access, "http://www.example.org/x"));
    EXPECT_FALSE(allowed(access, "http://example.org.evil.net/x"));
    EXPECT_FALSE(allowed(access, "gopher://example.org/x"));
    EXPECT_FALSE(allowed(access, "rsync://example.org/x"));
}

TEST(Access, ANamedPortIsTheOnlyOne) {
    Access access;
    access.hosts = {"example.org:8080", "[fd00::1]:81"};
    EXPECT_TRUE(allowed(access, "http://example.org:8080/"));
    EXPECT_FALSE(allowed(access, "http://example.org/"));
    EXPECT_TRUE(allowed(access, "http://[fd00::1]:81/"));
    EXPECT_FALSE(allowed(access, "http://[fd00::1]/"));
}

TEST(Access, AWildcardStandsForNamesBelow) {
    Access access;
    access.hosts = {"*.example.org"};
    EXPECT_TRUE(allowed(access, "http://a.example.org/"));
    EXPECT_TRUE(allowed(access, "http://a.b.example.org/"));
    EXPECT_FALSE(allowed(access, "http://example.org/"));
    EXPECT_FALSE(allowed(access, "http://evilexample.org/"));
}

TEST(Access, PrivateAddressesAreAllowedWhereTheConfigurationNamesThem) {
    Access access;
    EXPECT_FALSE(access.permits(*Address::parse("10.1.2.3")));
    EXPECT_TRUE(access.permits(*Address::parse("8.8.8.8")));
    access.networks = {Network::parse("10.1.0.0/16")};
    EXPECT_TRUE(access.permits(*Address::parse("10.1.2.3")));
    EXPECT_FALSE(access.permits(*Address::parse("10.2.2.3")));
}

TEST(Access, OfAConfiguredUrlIsItsServerAlone) {
    const Access access = Access::to("http://127.0.0.1:8080/rt");
    EXPECT_TRUE(allowed(access, "http://127.0.0.1:8080/other"));
    EXPECT_FALSE(allowed(access, "http://127.0.0.1/other"));
    EXPECT_FALSE(allowed(access, "https://127.0.0.1:8080/"));
    EXPECT_TRUE(access.permits(*Address::parse("127.0.0.1")));
}

}  // namespace
}  // namespace http
