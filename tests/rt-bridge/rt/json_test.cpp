// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/json.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace rt {
namespace {

TEST(Json, TakesNumbersAsTextAndNothingForNothing) {
    const auto parsed =
        parse_json(R"({"a":1,"b":"2","c":null,"d":0.0,"e":[],"f":{},"g":-3,"h":"x"})", "it");
    EXPECT_EQ(number_of(parsed, "a"), 1u);
    EXPECT_EQ(number_of(parsed, "b"), 2u);
    for (const char* key : {"c", "d", "e", "f", "g", "h", "missing"}) {
        EXPECT_EQ(number_of(parsed, key), 0u) << key;
    }
    EXPECT_EQ(text_of(parsed, "a"), "1");
    EXPECT_EQ(text_of(parsed, "h"), "x");
    EXPECT_EQ(text_of(parsed, "c"), "");
    EXPECT_TRUE(list_of(parsed, "f").is_array());
    EXPECT_TRUE(object_of(parsed, "e").is_object());
    EXPECT_EQ(text_of(object_of(parsed, "a"), "x"), "");
}

TEST(Json, WhatIsNoneIsAnError) {
    for (const std::string& text :
         {std::string(), std::string("<html>"), std::string("{"), std::string("7"),
          std::string("{\"a\":\"\xff\"}"), std::string(100'000, '['),
          std::string(40, '[') + std::string(40, ']')}) {
        EXPECT_THROW(parse_json(text, "it"), core::Error) << text.substr(0, 50);
    }
}

TEST(Json, Base64ComesInLines) {
    EXPECT_EQ(from_base64(""), "");
    EXPECT_EQ(from_base64("PFJl\nbGVhc2Uv\r\nPgo="), "<Release/>\n");
    EXPECT_EQ(from_base64("YQ=="), "a");
    EXPECT_EQ(from_base64("YWI="), "ab");
    EXPECT_EQ(from_base64("YWJj"), "abc");
    EXPECT_EQ(from_base64("AP+A/w=="), std::string("\0\xff\x80\xff", 4));
    EXPECT_THROW(from_base64("YWJj*"), core::Error);
    EXPECT_THROW(from_base64("YQ==YQ=="), core::Error);
    EXPECT_THROW(from_base64("YWJjY"), core::Error);
}

}  // namespace
}  // namespace rt
