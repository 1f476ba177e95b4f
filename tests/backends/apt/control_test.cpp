// SPDX-License-Identifier: GPL-3.0-or-later
// Control paragraphs: read strictly, because they are written again.
#include "backends/apt/control.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace {

std::string refusal(std::string_view text) {
    try {
        apt::parse_control(text);
    } catch (const core::Refused& refused) {
        return refused.code();
    }
    return "taken";
}

}  // namespace

TEST(Control, HasFieldsAndContinuationLines) {
    const auto fields = apt::parse_control(
        "Package:  argus \nDescription: short\n long \n .\n\tend\nDepends:\n libc6,\n zlib1g\n");
    ASSERT_EQ(fields.size(), 3u);
    EXPECT_EQ(fields[0].value, "argus");
    EXPECT_EQ(fields[1].value, "short\n long\n .\n end");
    EXPECT_EQ(fields[2].value, "\n libc6,\n zlib1g");
    EXPECT_EQ(apt::value_of(fields, "package"), "argus");
    EXPECT_EQ(apt::value_of(fields, "Version"), "");
}

TEST(Control, MayEndWithoutANewlineOrWithBlankLines) {
    EXPECT_EQ(apt::parse_control("Package: a").size(), 1u);
    EXPECT_EQ(apt::parse_control("Package: a\n\n \n").size(), 1u);
}

TEST(Control, OfTwoParagraphsIsRefused) {
    for (const char* gap : {"\n", " \n", "\t\n", "\n\n"}) {
        EXPECT_EQ(refusal("Package: a\n" + std::string(gap) + "Package: evil\n"),
                  "package-corrupt");
    }
    EXPECT_EQ(refusal("\nPackage: a\n"), "package-corrupt");
}

TEST(Control, ThatIsNoListOfFieldsIsRefused) {
    for (const char* text : {"Package\n", ": a\n", " a\n", "#comment: x\n", "-x: y\n", "A b: c\n",
                             "P\xc3\xa4: x\n", "A: 1\na: 2\n"}) {
        EXPECT_EQ(refusal(text), "package-corrupt") << text;
    }
}

TEST(Control, OfOtherThanPlainTextIsRefused) {
    using namespace std::string_literals;
    for (const std::string& text : {"A: \x01\n"s, "A: b\r\nC: d\n"s, "A: \0\n"s, "A: \xff\n"s,
                                    "A: \xe2\x80\xae\n"s, "A: \x1b[2J\n"s, "A: \xc2\x85\n"s}) {
        EXPECT_EQ(refusal(text), "control-characters") << text;
    }
}

TEST(Control, OfTextThatIsReorderedOrCutIsRefused) {
    for (const char* bad :
         {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
          "\u2028", "\u2029", "\ufdd0", "\uffff", "\U0010fffe"}) {
        for (const std::string field : {"Description: a", "Maintainer: b", "Description: a\n b"}) {
            EXPECT_EQ(refusal("Package: c\n" + field + bad + "\n"), "control-characters")
                << core::escaped(bad);
        }
    }
}

TEST(Control, OfTextThatDistributionsHaveIsTaken) {
    for (const char* text :
         {"می\u200cخواهم \u200f(C++)\u200e", "क्\u200dष", "🤷🏻\u200d♀\ufe0f",
          "Tron\u00ad-like, values \u200b\u200band", "\ufffc* C99", "\ufeffa"}) {
        EXPECT_EQ(refusal("Package: c\nDescription: " + std::string(text) + "\n " + text + "\n"),
                  "taken")
            << text;
    }
}

TEST(Control, NamesTheLineThatIsWrong) {
    try {
        apt::parse_control("A: b\n c\nwrong\n");
        FAIL();
    } catch (const core::Refused& refused) {
        EXPECT_STREQ(refused.what(), "control file, line 3: not a field: wrong");
    }
}
