// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/deb822.hpp"

#include <gtest/gtest.h>

namespace {

core::Refused refusal(int line, const std::string& message) {
    return {"code", std::to_string(line) + ": " + message};
}

/// What is wrong with a text; empty: nothing.
std::string fault(std::string_view text) {
    try {
        apt::ParagraphReader reader(text, refusal);
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
                                refusal);
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
    apt::ParagraphReader reader("\nA: b\n \n\t\nC: d\n\n", refusal);
    for (const std::size_t fields : {0u, 1u, 0u, 1u}) EXPECT_EQ(reader.next()->size(), fields);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(apt::ParagraphReader("", refusal).next());
}

TEST(Deb822, AnythingElseIsRefused) {
    EXPECT_EQ(fault("A: 1\n\n continued"), "3: continues a field, but there is none");
    EXPECT_EQ(fault("no colon"), "1: not a field: no colon");
    EXPECT_EQ(fault(": no name"), "1: not a field: : no name");
    EXPECT_EQ(fault("A: 1\na: 2"), "2: a second field a");
    EXPECT_EQ(fault("A: 1\n\na: 2"), "");
}
