// SPDX-License-Identifier: GPL-3.0-or-later
// Several texts as one value of the cache.
#include <gtest/gtest.h>

#include "backends/shards/shards.hpp"

using Texts = std::vector<std::string>;

namespace {

std::optional<Texts> unpacked(const std::string& value, std::size_t count) {
    const auto parts = shards::parts_of(value, count);
    return parts ? std::optional(Texts(parts->begin(), parts->end())) : std::nullopt;
}

}  // namespace

TEST(Texts, ComeBackAsTheyWere) {
    const Texts texts{"<package/>\n", "", std::string("\0 7\n", 4)};
    EXPECT_EQ(unpacked(core::pack_texts(texts), 3), texts);
    EXPECT_EQ(unpacked(core::pack_texts({}), 0), Texts{});
}

TEST(Texts, OfAnotherCountAreNotThere) {
    EXPECT_EQ(unpacked(core::pack_texts({"a", "b"}), 1), std::nullopt);
    EXPECT_EQ(unpacked(core::pack_texts({"a", "b"}), 3), std::nullopt);
}

TEST(Texts, ThatPackDidNotMakeAreNotThere) {
    for (const char* value :
         {"", "1", "1 ", "1 2", "1 2\n", "1 2\na", "1 1\nab", "1 -1\n", "x 1\na",
          "1 99999999999999999999\na", "2 1 18446744073709551615\na"}) {
        EXPECT_EQ(unpacked(value, 1), std::nullopt) << value;
        EXPECT_EQ(unpacked(value, 2), std::nullopt) << value;
    }
}
