// SPDX-License-Identifier: GPL-3.0-or-later
// Fragments as one value of the cache.
#include <gtest/gtest.h>

#include "backends/shards/shards.hpp"

using shards::Fragments;

TEST(Fragments, ComeBackAsTheyWere) {
    const Fragments fragments{"<package/>\n", "", std::string("\0 7\n", 4)};
    EXPECT_EQ(shards::unpack(shards::pack(fragments), 3), fragments);
    EXPECT_EQ(shards::unpack(shards::pack({}), 0), Fragments{});
}

TEST(Fragments, OfAnotherCountAreNotThere) {
    EXPECT_EQ(shards::unpack(shards::pack({"a", "b"}), 1), std::nullopt);
    EXPECT_EQ(shards::unpack(shards::pack({"a", "b"}), 3), std::nullopt);
}

TEST(Fragments, ThatPackDidNotMakeAreNotThere) {
    for (const char* value :
         {"", "1", "1 ", "1 2", "1 2\n", "1 2\na", "1 1\nab", "1 -1\n", "x 1\na",
          "1 99999999999999999999\na", "2 1 18446744073709551615\na"}) {
        EXPECT_EQ(shards::unpack(value, 1), std::nullopt) << value;
        EXPECT_EQ(shards::unpack(value, 2), std::nullopt) << value;
    }
}
