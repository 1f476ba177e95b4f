// SPDX-License-Identifier: GPL-3.0-or-later
// A gzip member opens to what it was made of, or not at all.
#include "backends/shards/gzip.hpp"

#include <gtest/gtest.h>

TEST(Member, OpensToItsText) {
    for (const std::string& text : {std::string(), std::string("a"), std::string(1 << 20, 'a')}) {
        const std::string member = shards::Compressor().member(text);
        EXPECT_EQ(shards::text_of_member(member, text.size()), text);
    }
}

TEST(Member, OfAnotherSizeDoesNotOpen) {
    const std::string member = shards::Compressor().member("text");
    EXPECT_FALSE(shards::text_of_member(member, 3));
    EXPECT_FALSE(shards::text_of_member(member, 5));
    EXPECT_FALSE(shards::text_of_member(member, ~std::uint64_t{0}));
}

TEST(Member, CutShortOrFollowedByOthersDoesNotOpen) {
    const std::string member = shards::Compressor().member("some text");
    for (std::size_t size = 0; size < member.size(); ++size) {
        EXPECT_FALSE(shards::text_of_member(member.substr(0, size), 9)) << size;
    }
    EXPECT_FALSE(shards::text_of_member(member + "x", 9));
    EXPECT_FALSE(shards::text_of_member(member + member, 9));
}

TEST(Members, OpenOneAfterTheOther) {
    shards::Compressor compressor;
    const std::string large(300'000, 'x');
    const std::string bytes =
        compressor.member("a") + compressor.member("") + compressor.member(large);
    std::string text;
    const auto open = [&](std::string_view members, std::size_t size) {
        text.clear();
        return shards::open_members(members, size, [&](std::string_view part) { text += part; });
    };
    EXPECT_TRUE(open(bytes, 300'001));
    EXPECT_EQ(text, "a" + large);
    EXPECT_FALSE(open(bytes, 300'000));
    EXPECT_FALSE(open(bytes, 300'002));
    EXPECT_FALSE(open(bytes + "x", 300'001));
    EXPECT_FALSE(open(std::string_view(bytes).substr(0, bytes.size() - 1), 300'001));
}
