// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/url.hpp"

#include <gtest/gtest.h>

#include "rt-bridge/http/failure.hpp"

namespace http {
namespace {

TEST(Url, HasItsParts) {
    const Url url = Url::parse("HTTPS://Repo.Example.org:8443/a/b%20c.rpm?x=1#top");
    EXPECT_EQ(url.scheme, "https");
    EXPECT_EQ(url.host, "repo.example.org");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.path, "/a/b%20c.rpm");
    EXPECT_EQ(url.query, "x=1");
    EXPECT_EQ(url.file_name(), "b c.rpm");
    EXPECT_EQ(url.text(), "https://repo.example.org:8443/a/b%20c.rpm?x=1");
    EXPECT_EQ(Url::parse("http://[::1]/").text(), "http://[::1]:80/");
    EXPECT_EQ(Url::parse("rsync://example.org/module/").port, 873);
}

TEST(Url, SpellingsOfOneHostAreOneHost) {
    EXPECT_EQ(Url::parse("http://0x7f.1/").host, "127.0.0.1");
    EXPECT_EQ(Url::parse("http://2130706433/").host, "127.0.0.1");
    EXPECT_EQ(Url::parse("http://EXAMPLE.org./").host, "example.org");
}

TEST(Url, WhatIsNotPlainlyAWebAddressIsForbidden) {
    for (const char* text :
         {"", "example.org/x", "/etc/passwd", "file:///etc/passwd", "http://",
          "http://user:secret@example.org/", "http://user@example.org/", "http://exa mple.org/",
          "http://example.org/a b", "http://example.org/\nx", "http://example.org:99999/",
          "http://example.org:x/", "javascript:alert(1)"}) {
        EXPECT_THROW(Url::parse(text), Failure) << text;
    }
    EXPECT_THROW(Url::parse("http://example.org/" + std::string(5000, 'a')), Failure);
    EXPECT_THROW(Url::parse(std::string_view("http://example.org/\0x", 21)), Failure);
}

}  // namespace
}  // namespace http
