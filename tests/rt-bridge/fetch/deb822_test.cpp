// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/deb822.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace fetch {
namespace {

TEST(Deb822, ParagraphsHaveFieldsOfOneOrMoreLines) {
    const auto paragraphs =
        parse_deb822("\nPackage: a\r\nSHA256:\n x 1 y\n z 2 w\n\n \nPackage:b\nEmpty:", "it");
    ASSERT_EQ(paragraphs.size(), 2u);
    EXPECT_EQ(value_of(paragraphs[0], "package"), "a");
    EXPECT_EQ(value_of(paragraphs[0], "sha256"), "\nx 1 y\nz 2 w");
    EXPECT_EQ(value_of(paragraphs[1], "package"), "b");
    EXPECT_EQ(value_of(paragraphs[1], "empty"), "");
    EXPECT_EQ(value_of(paragraphs[1], "missing"), "");
    EXPECT_TRUE(parse_deb822("", "it").empty());
}

TEST(Deb822, AnythingElseIsRefused) {
    for (const char* text : {" continued", "no colon", ": no name", "A: 1\na: 2", "\n continued"}) {
        EXPECT_THROW(parse_deb822(text, "it"), core::Refused) << text;
    }
}

}  // namespace
}  // namespace fetch
