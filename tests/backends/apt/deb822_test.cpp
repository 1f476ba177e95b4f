// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/deb822.hpp"

#include <gtest/gtest.h>

namespace {

core::Refused bad_line(int line, const std::string& message) {
    return {"code", std::to_string(line) + ": " + message};
}

/// What is wrong with a text; empty: nothing.
std::string first_bad_line(std::string_view text) {
    try {
        apt::ParagraphReader reader(text, bad_line);
        while (reader.next()) {
        }
        return {};
    } catch (const core::Refused& refused) {
        return refused.what();
    }
}

}  // namespace

TEST(Deb822, ParagraphsHaveFieldsOfOneOrMoreLines) {
    apt::ParagraphReader reader("Package: a\r\nSHA256:\n x 1 y\n z 2 w\n\nPackage:b\nEmpty:",
                                bad_line);
    const auto first = reader.next().value();
    EXPECT_EQ(apt::value_of(first, "package"), "a");
    EXPECT_EQ(apt::value_of(first, "sha256"), "\n x 1 y\n z 2 w");
    EXPECT_EQ(reader.line(), 5);
    const auto second = reader.next().value();
    EXPECT_EQ(apt::value_of(second, "package"), "b");
    EXPECT_EQ(apt::value_of(second, "empty"), "");
    EXPECT_EQ(apt::value_of(second, "missing"), "");
    EXPECT_EQ(reader.line(), 7);
    EXPECT_FALSE(reader.next());
}

TEST(Deb822, BlankLinesEndAParagraphThatMayBeEmpty) {
    apt::ParagraphReader reader("\nA: b\n \n\t\nC: d\n\n", bad_line);
    for (const std::size_t fields : {0u, 1u, 0u, 1u}) EXPECT_EQ(reader.next()->size(), fields);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(apt::ParagraphReader("", bad_line).next());
}

TEST(Deb822, AnythingElseIsRefused) {
    EXPECT_EQ(first_bad_line("A: 1\n\n continued"), "3: continues a field, but there is none");
    EXPECT_EQ(first_bad_line("no colon"), "1: not a field: no colon");
    EXPECT_EQ(first_bad_line(": no name"), "1: not a field: : no name");
    EXPECT_EQ(first_bad_line("A: 1\na: 2"), "2: a second field a");
    EXPECT_EQ(first_bad_line("A: 1\n\na: 2"), "");
}
