// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/json.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace rt {
namespace {

TEST(Json, TakesNumbersAsTextAndNothingForNothing) {
    const auto parsed =
        parse_answer(R"({"a":1,"b":"2","c":null,"d":0.0,"e":[],"f":{},"g":-3,"h":"x"})", "it");
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
        EXPECT_THROW(parse_answer(text, "it"), core::Error) << text.substr(0, 50);
    }
}

TEST(Json, BytesComeAsBase64InLines) {
    EXPECT_EQ(bytes_of({{"Content", ""}}, "Content"), "");
    EXPECT_EQ(bytes_of({}, "Content"), "");
    EXPECT_EQ(bytes_of({{"Content", "PFJl\nbGVhc2Uv\r\nPgo=\n"}}, "Content"), "<Release/>\n");
    for (const char* bad : {"YWJj*", "YQ==YQ==", "YWJjY", "YWJ*"}) {
        EXPECT_THROW(bytes_of({{"Content", bad}}, "Content"), core::Error) << bad;
    }
}

}  // namespace
}  // namespace rt
