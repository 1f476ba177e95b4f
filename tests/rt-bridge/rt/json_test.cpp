// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/json.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "tests/spent.hpp"

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

TEST(Json, ItsLimitsAreTold) {
    const auto told = [](const std::string& text) -> std::string {
        try {
            parse_answer(text, "GET /x");
            return "";
        } catch (const core::Error& error) {
            return error.what();
        }
    };
    EXPECT_EQ(told(std::string(32, '[') + std::string(32, ']')), "");
    EXPECT_EQ(told(std::string(33, '[') + std::string(33, ']')),
              "GET /x is damaged: it is nested more than 32 deep");
    std::string many = "[0";
    for (int i = 0; i < 500'000; ++i) many += ",0";
    EXPECT_EQ(told(many + "]"), "GET /x is damaged: it has more than 500000 values");
    EXPECT_LE(told("[" + std::string(100'000, 'x')).size(), 1000u);
    EXPECT_EQ(told("[\"\x1b[2J" + std::string(100'000, 'x')).find('\x1b'), std::string::npos);
}

TEST(Json, ALongListTakesNoMoreTimeThanItIsLong) {
    const tests::Spent spent = tests::spent_by([] {
        std::string list = R"({"items":[{})";
        for (int i = 0; i < 100'000; ++i) list += ",{}";
        return std::to_string(list_of(parse_answer(list + "]}", "it"), "items").size());
    });
    EXPECT_EQ(spent.answer, "100001");
    EXPECT_LE(spent.seconds, 5);
}

TEST(Json, WhatIsReadIsWhatTheLibraryReads) {
    for (const char* text :
         {"[]", "{}", R"([1,-2,3.5,"x",null,true,false,[[]],{"a":{"b":[1,{"c":2}]},"d":0}])",
          R"({"a":1,"a":{"b":2},"\u00e9":"\ud83d\ude00","z":18446744073709551615})"}) {
        EXPECT_EQ(parse_answer(text, "it"), nlohmann::json::parse(text)) << text;
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
