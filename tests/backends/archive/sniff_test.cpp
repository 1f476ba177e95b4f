// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/sniff.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace {

using archive::Kind;
using archive::kind_of;
using namespace std::string_view_literals;

TEST(Sniff, KnowsFilesByTheirFirstBytes) {
    EXPECT_EQ(kind_of(""), Kind::empty);
    EXPECT_EQ(kind_of("\x1f\x8b\x08"sv), Kind::gzip);
    EXPECT_EQ(kind_of("\xfd\x37\x7a\x58\x5a\x00\x00"sv), Kind::xz);
    EXPECT_EQ(kind_of("\xfd\x37\x7a\x58"sv), Kind::unknown);  // cut
    EXPECT_EQ(kind_of("!<arch>\ndebian-binary   0"sv), Kind::deb);
    EXPECT_EQ(kind_of("!<arch>\nhello.o/"sv), Kind::other_archive);
    EXPECT_EQ(kind_of("\xed\xab\xee\xdb\x03"sv), Kind::rpm);
    EXPECT_EQ(kind_of("<?xml version"sv), Kind::unknown);
}

TEST(Sniff, TarIsKnownByItsChecksumAlone) {
    std::string block(512, '\0');
    block[0] = 'x';
    EXPECT_EQ(kind_of(block), Kind::unknown);
    block.replace(148, 8, "000570\0 "sv);  // 'x' and eight spaces
    EXPECT_EQ(kind_of(block), Kind::tar);
    block[1] = 'y';
    EXPECT_EQ(kind_of(block), Kind::unknown);
}

TEST(Sniff, LzmaHasToLookPlausible) {
    const std::string header =
        std::string("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0"sv) + "xyz";
    EXPECT_EQ(kind_of(header), Kind::lzma);
    EXPECT_EQ(kind_of("]]]]]]]]]]]]]]]]]]]]"sv), Kind::unknown);
}

}  // namespace
