// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/armor.hpp"

#include <gtest/gtest.h>
#include <random>

namespace signing {
namespace {

constexpr std::string_view label = "PGP SIGNATURE";
const std::string begin = "-----BEGIN PGP SIGNATURE-----\n";
const std::string end = "-----END PGP SIGNATURE-----\n";
const std::string block = begin + "Version: 1\nComment:\n\naGVs\nbG8=\n=R/WK\n" + end;

std::string decoded(const std::string& text, Surroundings surroundings = Surroundings::blank) {
    return decode_armor(text, label, surroundings);
}

TEST(Armor, GivesTheBytesOfABlock) {
    EXPECT_EQ(decoded(block), "hello");
    EXPECT_EQ(decoded("\n  \n" + block + "\n\n"), "hello");
    EXPECT_EQ(decoded(begin + "\naGVsbG8=\n" + end), "hello") << "the checksum is optional";
}

TEST(Armor, AcceptsLinesThatEndInCrLf) {
    std::string text;
    for (const char c : block) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(decoded(text), "hello");
}

TEST(Armor, JoinsBlocks) {
    EXPECT_EQ(decoded(block + "\n" + block), "hellohello");
}

TEST(Armor, TextAroundBlocksIsForKeyFilesOnly) {
    EXPECT_EQ(decoded("a key\n" + block + "another\n", Surroundings::text), "hello");
    EXPECT_THROW(decoded("a key\n" + block), Malformed);
    EXPECT_THROW(decoded(block + "more\n"), Malformed);
}

TEST(Armor, RefusesDamage) {
    for (const std::string& text : {
             std::string(),
             std::string("hello"),
             begin,
             begin + "\naGVsbG8=\n",
             begin + "aGVsbG8=\n" + end,                 // no empty line
             begin + "\naGVsbG8\n" + end,                // cut
             begin + "\naGVs*G8=\n" + end,               // no base64
             begin + "\naG=sbG8=\n" + end,               // padding inside
             begin + "\naGVsbG8=\n=AAAA\n" + end,        // wrong checksum
             begin + "\naGVsbG8=\n=R/\n" + end,          // cut checksum
             begin + "\naGVsbG8=\n=R/WK\naGVs\n" + end,  // more behind the checksum
             begin + begin + "\naGVsbG8=\n" + end,
             std::string("-----BEGIN PGP MESSAGE-----\n\naGVs\n-----END PGP MESSAGE-----\n"),
         }) {
        EXPECT_THROW(decoded(text), Malformed) << text;
    }
}

TEST(Armor, SurvivesAnyBytes) {
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = block;
        for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
        try {
            decoded(text, i % 2 == 0 ? Surroundings::text : Surroundings::blank);
        } catch (const Malformed&) {
        }
    }
}

}  // namespace
}  // namespace signing
