// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/packets.hpp"

#include <gtest/gtest.h>
#include <random>

namespace signing {
namespace {

std::string bytes(std::initializer_list<int> octets) {
    std::string text;
    for (const int octet : octets) text += static_cast<char>(octet);
    return text;
}

const std::string issuer = bytes({9, 16, 1, 2, 3, 4, 5, 6, 7, 0xAB});

/// The two numbers of an EdDSA signature, of 9 bits and 1, behind the beginning of the digest.
const std::string numbers = bytes({0xAA, 0xBB, 0, 9, 1, 0xFF, 0, 1, 1});

TEST(Packets, AreFoundByEveryLengthOfBothFormats) {
    const std::string body(300, 'x');
    const std::string text = bytes({0x88, 1, 'a'}) + bytes({0x89, 1, 44}) + body +
                             bytes({0x8A, 0, 0, 1, 44}) + body + bytes({0xC2, 1, 'b'}) +
                             bytes({0xC2, 192, 108}) + body + bytes({0xC2, 255, 0, 0, 1, 44}) +
                             body;
    const std::vector<Packet> packets = split_packets(text, 6);
    ASSERT_EQ(packets.size(), 6u);
    std::string whole;
    for (const Packet& packet : packets) {
        EXPECT_EQ(packet.tag, 2);
        whole += packet.whole;
    }
    EXPECT_EQ(whole, text);
    EXPECT_EQ(packets[0].body, "a");
    EXPECT_EQ(packets[4].body, body);
    EXPECT_THROW(split_packets(text, 5), Malformed);
}

TEST(Packets, ThatAreCutOrOpenAreRefused) {
    for (const std::string& text : {
             bytes({}),
             bytes({0x08, 1, 'a'}),
             bytes({0x88}),
             bytes({0x88, 2, 'a'}),
             bytes({0x8B, 'a'}),       // indeterminate length
             bytes({0xC2, 224, 'a'}),  // partial length
             bytes({0xC2, 255, 255, 255, 255, 255, 'a'}),
             bytes({0x88, 1, 'a', 'b'}),
         }) {
        EXPECT_THROW(split_packets(text, 10), Malformed);
    }
}

TEST(Packets, SignatureTellsItsAlgorithmsTimeAndMaker) {
    const std::string made = bytes({5, 2, 0x65, 0x92, 0, 0x80});
    const std::string body = bytes({4, 1, 22, 10, 0, 6}) + made + bytes({0, 10}) + issuer + numbers;
    const SignaturePacket signature = read_signature(body);
    EXPECT_EQ(signature.version, 4);
    EXPECT_EQ(signature.type, 1);
    EXPECT_EQ(signature.algorithm, 22);
    EXPECT_EQ(signature.digest, 10);
    EXPECT_EQ(core::format_time(signature.made), "2024-01-01T00:00:00Z");
    EXPECT_EQ(signature.issuer, "01020304050607AB");
}

TEST(Packets, TimeOutsideTheSignedAreaDoesNotCount) {
    const std::string made = bytes({5, 2, 0x65, 0x92, 0, 0x80});
    EXPECT_EQ(read_signature(bytes({4, 0, 22, 8, 0, 0, 0, 16}) + made + issuer + numbers).made,
              core::Time{});
}

TEST(Packets, OldSignatureIsReadToo) {
    const SignaturePacket signature = read_signature(
        bytes({3, 5, 0, 0x65, 0x92, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 17, 2}) + numbers);
    EXPECT_EQ(signature.version, 3);
    EXPECT_EQ(signature.digest, 2);
    EXPECT_EQ(signature.issuer, "0102030405060708");
}

TEST(Packets, CutSignatureIsRefused) {
    const std::string body =
        bytes({4, 1, 22, 10, 0, 6, 5, 2, 0x65, 0x92, 0, 0x80, 0, 10}) + issuer + numbers;
    EXPECT_NO_THROW(read_signature(body));
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_THROW(read_signature(body.substr(0, size)), Malformed);
    }
    EXPECT_THROW(read_signature(bytes({4, 1, 22, 10, 0, 1, 0, 0, 0})), Malformed);
    EXPECT_THROW(read_signature(body + bytes({0})), Malformed);
}

TEST(Packets, SignatureOfZerosIsNone) {
    EXPECT_THROW(read_signature(bytes({4}) + std::string(69, '\0')), Malformed);
    const auto with = [](int algorithm, int digest, const std::string& rest) {
        return bytes({4, 0, algorithm, digest, 0, 0, 0, 10}) + issuer + rest;
    };
    EXPECT_NO_THROW(read_signature(with(22, 8, numbers)));
    EXPECT_THROW(read_signature(with(22, 8, std::string(6, '\0'))), Malformed);
    EXPECT_THROW(read_signature(with(0, 8, numbers)), Malformed);
    EXPECT_THROW(read_signature(with(22, 0, numbers)), Malformed);
    EXPECT_THROW(read_signature(with(1, 8, numbers)), Malformed);  // RSA has one number
    EXPECT_THROW(read_signature(bytes({4, 0, 22, 8, 0, 0, 0, 0}) + numbers), Malformed);
}

TEST(Packets, SurviveAnyBytes) {
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = bytes({0x88, 14, 4, 1, 22, 10, 0, 6, 5, 2, 0x65, 0x92, 0, 0x80, 0, 0});
        for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
        try {
            for (const Packet& packet : split_packets(text, 4)) read_signature(packet.body);
        } catch (const Malformed&) {
        }
    }
}

}  // namespace
}  // namespace signing
