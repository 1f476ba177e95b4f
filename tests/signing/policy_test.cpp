// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/policy.hpp"

#include <gtest/gtest.h>
#include <map>

namespace signing {
namespace {

using Family = KeyAlgorithm::Family;

SignaturePacket signature(int version, int digest, int type) {
    SignaturePacket packet;
    packet.version = version;
    packet.digest = digest;
    packet.type = type;
    return packet;
}

TEST(Policy, KeysNeed2048BitsOrAListedCurve) {
    EXPECT_EQ(weakness(KeyAlgorithm{Family::rsa, 2048, {}}), "");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::rsa, 2047, {}}), "RSA-2047 key");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::dsa, 3072, {}}), "");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::dsa, 1024, {}}), "DSA-1024 key");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::eddsa, 255, "ed25519"}), "");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::ecdsa, 256, "secp256k1"}), "secp256k1 key");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::ecdsa, 256, {}}), "unknown curve key");
    EXPECT_EQ(weakness(KeyAlgorithm{Family::other, 4096, {}}), "unknown algorithm key");
}

TEST(Policy, OnlySha2From256BitsUpIsAllowed) {
    for (int digest = 0; digest < 256; ++digest) {
        const bool allowed = digest == 8 || digest == 9 || digest == 10;
        EXPECT_EQ(weakness(signature(4, digest, 0), 0).empty(), allowed) << digest;
    }
}

TEST(Policy, WeakDigestsHaveTheirNames) {
    const std::map<int, std::string> names{
        {1, "MD5"}, {2, "SHA-1"}, {3, "RIPEMD-160"}, {11, "SHA-224"}, {99, "unknown (99)"}};
    for (const auto& [digest, name] : names) {
        EXPECT_EQ(weak_digest(signature(4, digest, 0)), name + " signature");
    }
    for (const int digest : {8, 9, 10}) EXPECT_EQ(weak_digest(signature(4, digest, 0)), "");
}

TEST(Policy, SignaturesOfOldVersionsAndOtherTypesAreWeak) {
    EXPECT_EQ(weakness(signature(3, 8, 0), 0), "version 3 signature");
    EXPECT_NE(weakness(signature(4, 8, 1), 0), "");
    EXPECT_NE(weakness(signature(4, 8, 0), 1), "");
    EXPECT_EQ(weakness(signature(4, 8, 0x10), 0), "signature of type 0x10");
    EXPECT_EQ(weakness(signature(4, 8, 1), 1), "");
}

}  // namespace
}  // namespace signing
