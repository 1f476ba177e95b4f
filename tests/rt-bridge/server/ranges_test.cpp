// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/ranges.hpp"

#include <gtest/gtest.h>

namespace server {

void PrintTo(const Range& range, std::ostream* out) {
    *out << range.first << "+" << range.size;
}

namespace {

using List = std::vector<Range>;

TEST(Ranges, AreWithinTheFile) {
    EXPECT_EQ(ranges_of("bytes=5-9", 20), (List{{5, 5}}));
    EXPECT_EQ(ranges_of("bytes=5-", 20), (List{{5, 15}}));
    EXPECT_EQ(ranges_of("bytes=-5", 20), (List{{15, 5}}));
    EXPECT_EQ(ranges_of("bytes=0-100", 20), (List{{0, 20}}));
    EXPECT_EQ(ranges_of("bytes=-100", 20), (List{{0, 20}}));
    EXPECT_EQ(ranges_of("bytes=0-1, 5-6,50-60", 20), (List{{0, 2}, {5, 2}}));
}

TEST(Ranges, ThatCannotBeHadAreNone) {
    for (const char* header :
         {"bytes=20-", "bytes=30-40", "bytes=-0", "bytes=9-5", "bytes=junk", "bytes=", "bytes=-",
          "bytes=1-x", "lines=1-2", "bytes=0-99999999999999999999999", "bytes=--1", "bytes 0-1"}) {
        EXPECT_EQ(ranges_of(header, 20), std::nullopt) << header;
    }
}

TEST(Ranges, ThatAreManyOrMoreThanTheFileAreTheFile) {
    EXPECT_EQ(ranges_of("bytes=0-14,5-19", 20), (List{{0, 20}}));
    std::string many = "bytes=0-0";
    for (int i = 1; i < 256; ++i) many += "," + std::to_string(2 * i) + "-" + std::to_string(2 * i);
    EXPECT_EQ(ranges_of(many, 1000).value().size(), 256u);
    EXPECT_EQ(ranges_of(many + ",900-900", 1000), (List{{0, 1000}}));
}

}  // namespace
}  // namespace server
