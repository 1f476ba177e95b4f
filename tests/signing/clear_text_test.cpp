// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/clear_text.hpp"

#include <gtest/gtest.h>
#include <random>

namespace signing {
namespace {

const std::string head = "-----BEGIN PGP SIGNED MESSAGE-----\n";
const std::string hash = "Hash: SHA512\n\n";
const std::string tail =
    "-----BEGIN PGP SIGNATURE-----\n\naGVsbG8=\n=R/WK\n-----END PGP SIGNATURE-----\n";

TEST(ClearText, ContentIsWhatIsCovered) {
    const ClearText text = parse_clear_text(head + hash + "a \t\n- -b\nc\n" + tail);
    EXPECT_EQ(text.content, "a\n-b\nc\n");
    EXPECT_EQ(text.canonical, "a\r\n-b\r\nc");
    EXPECT_EQ(text.signature, "hello");
}

TEST(ClearText, CanonicalTextIsTheSameBeforeAndAfterSigning) {
    EXPECT_EQ(canonical_text("a\nb\n"), "a\r\nb");
    EXPECT_EQ(canonical_text("a\nb"), "a\r\nb");
    EXPECT_EQ(canonical_text("a \r\nb\t\r\n"), "a\r\nb");
    EXPECT_EQ(canonical_text("a\n\n"), "a\r\n");
    EXPECT_EQ(canonical_text(""), "");
}

TEST(ClearText, IsOneMessageAndNothingElse) {
    const std::string good = head + hash + "a\n" + tail;
    EXPECT_NO_THROW(parse_clear_text(good + "\n"));
    for (const std::string& text : {
             std::string(),
             head,
             head + hash,
             head + hash + "a\n",
             head + tail,
             hash + "a\n" + tail,
             " " + good,
             "\xEF\xBB\xBF" + good,
             good + "a",
             good + good,
             good + tail + "a",
             head + "Comment: x\n" + hash + "a\n" + tail,
             head + "Hash: sha512\n\na\n" + tail,
             head + hash + "-a\n" + tail,
             head + hash + head + tail,
             head + hash + "a\n-----BEGIN PGP SIGNATURE----- \n" + tail,
             head + hash + std::string("a\0b\n", 4) + tail,
             head + hash + std::string(20'000, 'a') + "\n" + tail,
             head + hash + "a\n-----BEGIN PGP MESSAGE-----\n\naGVs\n-----END PGP MESSAGE-----\n",
         }) {
        EXPECT_THROW(parse_clear_text(text), Malformed) << text.substr(0, 200);
    }
}

TEST(ClearText, SurvivesAnyBytes) {
    const std::string good = head + hash + "some\n- -text\n" + tail;
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = good;
        for (int k = 0; k < 2; ++k) text[random() % text.size()] = static_cast<char>(random());
        try {
            parse_clear_text(text);
        } catch (const Malformed&) {
        }
    }
}

}  // namespace
}  // namespace signing
