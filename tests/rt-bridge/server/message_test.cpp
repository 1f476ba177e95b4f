// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/message.hpp"

#include <gtest/gtest.h>

namespace server {
namespace {

Request to(const std::string& target) {
    return {"GET", target, {}, {}};
}

TEST(RequestPath, IsDecodedOnceAndEndsAtTheQuery) {
    EXPECT_EQ(to("/a%20b/%c3%BC+%26.txt?x=1").path(), "/a b/\xc3\xbc+&.txt");
    EXPECT_EQ(to("/a#fragment?x").path(), "/a");
    EXPECT_EQ(to("/%2561").path(), "/%61");
    EXPECT_EQ(to("/%zz%4").path(), "/%zz%4");
    EXPECT_EQ(to("/a%00b").path(), std::string("/a\0b", 4));
    EXPECT_EQ(to("").path(), "");
}

TEST(RequestParameter, IsFoundByItsWholeName) {
    const Request request = to("/release?ticket=7&name=a%20b&empty=&flag#ticket=9");
    EXPECT_EQ(request.parameter("ticket"), "7");
    EXPECT_EQ(request.parameter("name"), "a b");
    EXPECT_EQ(request.parameter("empty"), "");
    EXPECT_EQ(request.parameter("flag"), std::nullopt);
    EXPECT_EQ(request.parameter("tick"), std::nullopt);
    EXPECT_EQ(to("/release").parameter("ticket"), std::nullopt);
}

TEST(RequestHeader, HasNoCase) {
    const Request request{"GET", "/", {{"X-Name", "first"}, {"x-name", "second"}}, {}};
    EXPECT_EQ(request.header("x-NAME"), "first");
    EXPECT_EQ(request.header("x"), "");
}

}  // namespace
}  // namespace server
