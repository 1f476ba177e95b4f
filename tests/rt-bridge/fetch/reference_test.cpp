// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/reference.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace fetch {
namespace {

TEST(Reference, PathsInsideARepositoryAreTaken) {
    for (const char* path :
         {"a.rpm", "Packages/a/argus-1.7.3-1.el9.x86_64.rpm", "pool/main/t/tool_1%3a1.0-1_all.deb",
          "a:b.deb", "x..y/z", "a+b~c.rpm", "./a.deb"}) {
        EXPECT_NO_THROW(check_reference(path, "it")) << path;
    }
}

TEST(Reference, EverythingElseIsRefused) {
    for (const std::string& path : {std::string(),
                                    std::string("/etc/passwd"),
                                    std::string("../x.rpm"),
                                    std::string("a/../../x.rpm"),
                                    std::string("a/.."),
                                    std::string("http://evil.org/x.rpm"),
                                    std::string("//evil.org/x.rpm"),
                                    std::string("file:/etc/passwd"),
                                    std::string("%2e%2e/x.rpm"),
                                    std::string("a/%2E./x"),
                                    std::string("a%2fb"),
                                    std::string("%252e%252e/x"),
                                    std::string("a\\..\\b"),
                                    std::string("a?b"),
                                    std::string("a#b"),
                                    std::string("a\nb"),
                                    std::string("a\0b", 3),
                                    std::string("a\xff"),
                                    std::string("dir/"),
                                    std::string("a%00b"),
                                    std::string(2000, 'a')}) {
        EXPECT_THROW(check_reference(path, "it"), core::Refused) << path;
    }
}

TEST(Reference, AFileNameIsEncodedOnceForApt) {
    const http::Url root = as_directory(http::Url::parse("http://a.org/debian?x=1"));
    EXPECT_EQ(below(root, "pool/t_1%3a1.deb", Percent::is_text).path, "/debian/pool/t_1%253a1.deb");
    EXPECT_EQ(below(root, "p/t_1%3a1.rpm", Percent::is_encoding).path, "/debian/p/t_1%3a1.rpm");
    EXPECT_EQ(below(root, "a b%.rpm", Percent::is_encoding).path, "/debian/a%20b%25.rpm");
    EXPECT_EQ(below(root, "c++~1.deb", Percent::is_text).text(),
              "http://a.org:80/debian/c++~1.deb");
}

TEST(Reference, OurNamesCannotSteerAnything) {
    EXPECT_EQ(harmless_path("el9/x86_64/a+b~1.rpm"), "el9/x86_64/a+b~1.rpm");
    EXPECT_EQ(harmless_path("../../etc/passwd"), "etc/passwd");
    EXPECT_EQ(harmless_path("/a//b"), "a/b");
    EXPECT_EQ(harmless_path("-rf"), "_rf");
    EXPECT_EQ(harmless_path(".index"), "_index");
    EXPECT_EQ(harmless_path("a\n$(id);é.rpm"), "a___id____.rpm");
    EXPECT_EQ(harmless_path(""), "file");
    EXPECT_EQ(harmless_path(std::string(500, 'a')).size(), 200u);
}

}  // namespace
}  // namespace fetch
