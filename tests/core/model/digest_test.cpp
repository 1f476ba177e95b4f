// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/digest.hpp"

#include <gtest/gtest.h>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::Digest;
using core::sha256;

constexpr const char* of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsSha256) {
    EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc").hex(), of_abc);
}

TEST(Digest, OfPiecesIsThatOfTheWhole) {
    core::Hasher hasher;
    for (const char* piece : {"a", "", "bc"}) hasher.update(piece);
    EXPECT_EQ(hasher.finish(), sha256("abc"));
    hasher.update("abc");
    EXPECT_EQ(hasher.finish(), sha256("abc")) << "a hasher can be used again";
    core::Hasher moved = std::move(hasher);
    EXPECT_EQ(moved.finish(), sha256(""));
}

TEST(Digest, GoesOnFromAStateAnywhere) {
    ASSERT_TRUE(core::Hasher::can_go_on());
    std::string text;
    for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
    for (std::size_t at = 0; at <= text.size(); ++at) {
        core::Hasher first;
        first.update(std::string_view(text).substr(0, at / 2));
        first.update(std::string_view(text).substr(at / 2, at - at / 2));
        EXPECT_EQ(first.state().size, at);
        core::Hasher second(first.state());
        second.update(std::string_view(text).substr(at));
        ASSERT_EQ(second.finish(), core::sha256(text)) << at;
        first.update(std::string_view(text).substr(at));
        ASSERT_EQ(first.finish(), core::sha256(text)) << at;
    }
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
    const tests::Scratch directory;
    const std::string bytes(300'000, 'x');
    core::write_file(directory / "file", bytes);
    EXPECT_EQ(core::sha256_file(directory / "file"), sha256(bytes));
    EXPECT_THROW(core::sha256_file(directory / "missing"), core::Error);
    EXPECT_THROW(core::sha256_file(directory.path()), core::Error);
}

TEST(Digest, IsParsedFromItsOwnFormOnly) {
    EXPECT_EQ(Digest::parse(of_abc), sha256("abc"));
    const std::string hex = of_abc;
    for (const std::string& bad : {std::string(), hex.substr(1), hex + "0", "B" + hex.substr(1),
                                   "g" + hex.substr(1), " " + hex.substr(1)}) {
        EXPECT_THROW(Digest::parse(bad), core::Error) << bad;
    }
}

TEST(Digest, IsItsOwnHash) {
    const std::unordered_set<Digest> set{sha256("a"), sha256("b"), sha256("a")};
    EXPECT_EQ(set.size(), 2u);
}

TEST(Digest, HmacIsThatOfRfc4231) {
    EXPECT_EQ(core::hmac_sha256("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(core::hmac_sha256(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

}  // namespace
}  // namespace core_test
