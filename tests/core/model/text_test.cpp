// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace core_test {
namespace {

using core::escaped;
using core::has_control_characters;
using core::split;
using core::valid_utf8;
using core::xml_escaped;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, HarmlessTextIsNotEscaped) {
    EXPECT_EQ(escaped("argus 1.7 – Žižek 𝄞"), "argus 1.7 – Žižek 𝄞");
}

TEST(Text, WhatATerminalWouldObeyIsEscaped) {
    EXPECT_EQ(escaped("\x1b[31m"), "\\x1b[31m");
    EXPECT_EQ(escaped(std::string("a\nb\tc\0d\x7f", 8)), "a\\x0ab\\x09c\\x00d\\x7f");
    EXPECT_EQ(escaped("\xc2\x9b"), "\\x9b");          // C1: another way to say ESC [
    EXPECT_EQ(escaped("\xe2\x80\xae"), "\\u{202e}");  // right-to-left override
    EXPECT_EQ(escaped("\xef\xbb\xbf"), "\\u{feff}");
}

TEST(Text, BytesThatAreNoUtf8AreEscapedOneByOne) {
    EXPECT_EQ(escaped("\xff\xc3"), "\\xff\\xc3");
    EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");  // an overlong slash
    EXPECT_EQ(escaped("\xe2\x82z"), "\\xe2\\x82z");
}

TEST(Text, Utf8IsValidInItsShortestFormOnly) {
    for (const char* good : {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(valid_utf8(good)) << escaped(good);
    }
    for (const char* bad :
         {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc2", "\xe1\x80", "\xf1\x80\x80"}) {
        EXPECT_FALSE(valid_utf8(bad)) << escaped(bad);
    }
}

TEST(Text, ControlCharactersAreSeen) {
    EXPECT_FALSE(has_control_characters("plain – text"));
    for (const char* bad :
         {"a\nb", "\t", "\x01", "\x7f", "\xc2\x85", "\xe2\x81\xa6", "\xe2\x80\xa8"}) {
        EXPECT_TRUE(has_control_characters(bad)) << escaped(bad);
    }
    EXPECT_FALSE(has_control_characters("a\nb\t", true));
    EXPECT_TRUE(has_control_characters("a\rb", true));
}

TEST(Text, SplittingGivesNoEmptyParts) {
    EXPECT_THAT(split("/a//b/", "/"), ElementsAre("a", "b"));
    EXPECT_THAT(split("a b,c", " ,"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split("", "/"), IsEmpty());
    EXPECT_THAT(split("///", "/"), IsEmpty());
}

TEST(Text, LowerAndTrimmedKnowAsciiOnly) {
    EXPECT_EQ(core::lower("ABZ É"), "abz É");
    EXPECT_EQ(core::trimmed(" \t\r\n a b \v\f"), "a b");
    EXPECT_EQ(core::trimmed(" "), "");
    EXPECT_EQ(core::join({"a", "b"}, ", "), "a, b");
}

TEST(Text, WholeNumbersAreDigitsAndNothingElse) {
    EXPECT_EQ(core::whole_number("0"), 0u);
    EXPECT_EQ(core::whole_number("007"), 7u);
    EXPECT_EQ(core::whole_number("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(core::whole_number<int>("2147483647"), 2147483647);
    for (const char* none : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "18446744073709551616"}) {
        EXPECT_EQ(core::whole_number(none), std::nullopt) << none;
    }
    EXPECT_EQ(core::whole_number<int>("-1"), std::nullopt);
    EXPECT_EQ(core::whole_number<int>("2147483648"), std::nullopt);
}

TEST(Text, NamesAreOneHoweverTheyAreWritten) {
    for (const char* name : {"umd5", "UMD 5", "umd-5", "\tUmd_5\n"}) {
        EXPECT_EQ(core::normalized_name(name), "umd5");
    }
    EXPECT_EQ(core::normalized_name("É"), "");
}

TEST(Text, XmlCarriesWhatItCanAndNothingElse) {
    EXPECT_EQ(xml_escaped("<a href=\"x\">&</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
    EXPECT_EQ(xml_escaped("\x01\xff"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(xml_escaped("\xEF\xBF\xBE"), "\xEF\xBF\xBD");
    EXPECT_EQ(xml_escaped("a\nb\t𝄞"), "a\nb\t𝄞");
}

}  // namespace
}  // namespace core_test
