// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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
    EXPECT_FALSE(has_control_characters("a\r\nb\tc\r", core::Text::prose));
    EXPECT_TRUE(has_control_characters("a\rb", core::Text::prose));
}

std::string utf8(char32_t code) {
    const auto byte = [&](char32_t first, int shift, char32_t mask) {
        return static_cast<char>(first | (code >> shift & mask));
    };
    if (code < 0x80) return {byte(0, 0, 0x7F)};
    if (code < 0x800) return {byte(0xC0, 6, 0x1F), byte(0x80, 0, 0x3F)};
    if (code < 0x10000) return {byte(0xE0, 12, 0x0F), byte(0x80, 6, 0x3F), byte(0x80, 0, 0x3F)};
    return {byte(0xF0, 18, 0x07), byte(0x80, 12, 0x3F), byte(0x80, 6, 0x3F), byte(0x80, 0, 0x3F)};
}

enum class Place { nowhere, prose, line_and_prose };

struct Unshown {
    char32_t first, last;
    Place allowed;  // of published texts; a name has none of them
    const char* what;
};

/// All that is not shown as it stands, in the order of Unicode.
constexpr Unshown unshown[] = {
    {0x00, 0x08, Place::nowhere, "C0"},
    {0x09, 0x0A, Place::prose, "tab and newline"},
    {0x0B, 0x0C, Place::nowhere, "C0"},
    {0x0D, 0x0D, Place::prose, "carriage return, at the end"},
    {0x0E, 0x1F, Place::nowhere, "C0"},
    {0x7F, 0x9F, Place::nowhere, "DEL and C1"},
    {0xAD, 0xAD, Place::line_and_prose, "soft hyphen"},
    {0x34F, 0x34F, Place::line_and_prose, "grapheme joiner"},
    {0x61C, 0x61C, Place::line_and_prose, "Arabic letter mark"},
    {0x115F, 0x1160, Place::line_and_prose, "Hangul fillers"},
    {0x17B4, 0x17B5, Place::line_and_prose, "Khmer inherent vowels"},
    {0x180B, 0x180F, Place::line_and_prose, "Mongolian separators"},
    {0x200B, 0x200D, Place::line_and_prose, "zero width, joiners"},
    {0x200E, 0x200F, Place::line_and_prose, "directional marks"},
    {0x2028, 0x2029, Place::nowhere, "separators of lines and paragraphs"},
    {0x202A, 0x202E, Place::nowhere, "embeddings and overrides"},
    {0x2060, 0x2065, Place::line_and_prose, "invisible operators"},
    {0x2066, 0x2069, Place::nowhere, "isolates"},
    {0x206A, 0x206F, Place::line_and_prose, "old format characters"},
    {0x3164, 0x3164, Place::line_and_prose, "Hangul filler"},
    {0xFDD0, 0xFDEF, Place::nowhere, "no characters"},
    {0xFE00, 0xFE0F, Place::line_and_prose, "variation selectors"},
    {0xFEFF, 0xFEFF, Place::line_and_prose, "byte order mark"},
    {0xFFA0, 0xFFA0, Place::line_and_prose, "Hangul filler"},
    {0xFFF0, 0xFFFB, Place::line_and_prose, "annotations"},
    {0xFFFE, 0xFFFF, Place::nowhere, "no characters"},
    {0x1BCA0, 0x1BCA3, Place::line_and_prose, "shorthand"},
    {0x1D173, 0x1D17A, Place::line_and_prose, "music"},
    {0x1FFFE, 0x1FFFF, Place::nowhere, "no characters"},
    {0xE0000, 0xE0FFF, Place::line_and_prose, "tags and variation selectors"},
    {0x10FFFE, 0x10FFFF, Place::nowhere, "no characters"},
};

TEST(Text, NoCharacterOfTheSetIsShown) {
    for (const Unshown& range : unshown) {
        for (char32_t code = range.first; code <= range.last; ++code) {
            SCOPED_TRACE(fmt::format("U+{:04X}, {}", static_cast<unsigned>(code), range.what));
            const std::string raw = utf8(code);
            const std::string text = "a" + raw;
            EXPECT_TRUE(valid_utf8(raw));
            const std::string shown =
                code < 0xA0 ? fmt::format("a\\x{:02x}", static_cast<unsigned>(code))
                            : fmt::format("a\\u{{{:04x}}}", static_cast<unsigned>(code));
            EXPECT_EQ(escaped(text), shown);
            EXPECT_EQ(escaped(shown), shown);
            const bool is_line = code == '\n' || code == '\t';
            EXPECT_EQ(core::escaped_lines(text), is_line ? text : shown);
            EXPECT_TRUE(has_control_characters(text));
            EXPECT_EQ(!has_control_characters(text, core::Text::line),
                      range.allowed == Place::line_and_prose);
            EXPECT_EQ(!has_control_characters(text, core::Text::prose),
                      range.allowed != Place::nowhere);
        }
    }
}

TEST(Text, AllElseIsShownAsItStands) {
    std::string all;
    std::size_t count = 0;
    for (char32_t code = 0x20; code < 0x110000; code += code < 0x20000 ? 1 : 61) {
        const bool is_surrogate = code >= 0xD800 && code < 0xE000;
        const bool is_in_set =
            (code & 0xFFFE) == 0xFFFE || std::ranges::any_of(unshown, [&](const Unshown& range) {
                return code >= range.first && code <= range.last;
            });
        if (is_surrogate || is_in_set) continue;
        all += utf8(code);
        ++count;
    }
    EXPECT_GT(count, 140'000u);
    EXPECT_EQ(escaped(all), all);
    EXPECT_EQ(core::escaped_lines(all), all);
    EXPECT_EQ(core::escaped_json(all), all);
    EXPECT_FALSE(has_control_characters(all));
}

TEST(Text, JsonIsEscapedWithoutAChangeOfItsValues) {
    nlohmann::json values = nlohmann::json::array();
    for (const Unshown& range : unshown) {
        for (char32_t code = range.first; code <= range.last; ++code) {
            values.push_back({{"a" + utf8(code), "Ž" + utf8(code) + "\\\"z"}});
        }
    }
    for (const int indent : {-1, 2}) {
        const std::string text = core::escaped_json(values.dump(indent));
        EXPECT_EQ(core::escaped_lines(text), text);
        EXPECT_NE(text.find("Ž\\u202e"), text.npos);
        EXPECT_NE(text.find("\\udb40\\udc41"), text.npos);  // U+E0041
        EXPECT_EQ(nlohmann::json::parse(text), values);
    }
    EXPECT_EQ(core::escaped_json("\"\xff\x9b\""), "\"\\ufffd\\ufffd\"");
}

TEST(Text, PersianHindiAndEmojiAreProseAndAreShownByTheirNumbersWhereTheyJoin) {
    for (const char* text :
         {"می\u200cخواهم", "क्\u200dष", "🤷🏻\u200d♀\ufe0f", "שלום (C++)\u200e"}) {
        EXPECT_FALSE(has_control_characters(text, core::Text::line)) << escaped(text);
        EXPECT_FALSE(has_control_characters(text, core::Text::prose)) << escaped(text);
        EXPECT_NE(escaped(text), text);
    }
    EXPECT_EQ(escaped("שלום, 日本語, ©"), "שלום, 日本語, ©");
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
