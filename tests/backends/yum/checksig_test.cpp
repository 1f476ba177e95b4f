// SPDX-License-Identifier: GPL-3.0-or-later
// What `rpmkeys --checksig` refuses is refused, whatever our own checks look at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/forged_rpm.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

namespace reason = core::reason;
using testing::HasSubstr;
using workshop::judge;
using workshop::quoted;
using workshop::Scratch;
using yum::TagType;

/// What rpm itself says.
bool rpm_takes(const std::string& bytes) {
    static const Scratch scratch;
    const std::string file = scratch.file("checked.rpm", bytes).string();
    return workshop::run("rpmkeys --dbpath " + quoted((scratch / "db").string()) + " --checksig " +
                         quoted(file))
               .status == 0;
}

/// The package with the signature header that the test makes; rpm must refuse it and so must we.
void expect_refused(const std::string& bytes, const std::string& words,
                    core::reason::Code code = reason::package_corrupt) {
    EXPECT_FALSE(rpm_takes(bytes)) << words;
    const workshop::Verdict verdict = judge(bytes);
    EXPECT_EQ(verdict.code, code) << words << verdict.message;
    EXPECT_THAT(verdict.message, HasSubstr(words));
}

const forged::Header main_header = forged::minimal();

std::string with(const forged::Header& signature) {
    return forged::package(main_header, forged::trailer(), signature);
}

std::string md5() {
    return forged::hashed("MD5", main_header.bytes(63) + forged::trailer());
}

TEST(Checksig, ASoundPackageIsTakenAsByRpm) {
    const std::string sha1 = forged::hex(forged::hashed("SHA1", main_header.bytes(63)));
    const std::string bytes =
        with(forged::signature(main_header).text(269, sha1).add(1004, TagType::binary, 16, md5()));
    EXPECT_TRUE(rpm_takes(bytes));
    EXPECT_EQ(judge(bytes).code, "accepted") << judge(bytes).message;
}

TEST(Checksig, EachDigestOfTheSignatureHeaderIsJudged) {
    const std::string zeros(40, '0');
    expect_refused(with(forged::signature(main_header).text(269, zeros)), "SHA1 digest: BAD");
    expect_refused(
        with(forged::signature(main_header).add(1004, TagType::binary, 16, std::string(16, 'x'))),
        "MD5 digest: BAD");
    expect_refused(with(forged::signature(main_header).text(269, "short")), "SHA1 digest: BAD");
    expect_refused(with(forged::signature(main_header).text(269, std::string(40, 'x'))), "hex");
}

TEST(Checksig, ADigestOfAnotherTypeOrCountIsJudged) {
    const std::string right = core::sha256(main_header.bytes(63)).hex();
    expect_refused(with(forged::Header().texts(273, {right})), "type");
    expect_refused(
        with(forged::signature(main_header).add(1004, TagType::binary, 15, std::string(15, 'x'))),
        "MD5 digest: BAD");
    expect_refused(with(forged::signature(main_header).texts(269, {std::string(40, '0')})), "type");
    expect_refused(with(forged::signature(main_header).add(1004, TagType::int8, 16, md5())),
                   "type");
}

TEST(Checksig, AHeaderWithoutAnyDigestIsNotTaken) {
    const std::string bytes = with(forged::Header().text(900, "x"));
    EXPECT_FALSE(rpm_takes(bytes));
    EXPECT_EQ(judge(bytes).code, reason::package_corrupt);
}

TEST(Checksig, TheSecondPayloadDigestIsJudged) {
    forged::Header header = forged::minimal();
    header.texts(5097, {std::string(64, '0')});  // of the archive before it was compressed
    EXPECT_EQ(judge(forged::package(header)).code, "accepted");
    header = forged::minimal();
    header.add(5097, TagType::int32, 1, forged::number(0));
    const std::string bytes = forged::package(header);
    EXPECT_EQ(judge(bytes).code == "accepted", rpm_takes(bytes)) << judge(bytes).message;
}

/// An OpenPGP packet, and a signature header with it in `tag`.
class SignaturePackets : public testing::TestWithParam<std::uint32_t> {
  protected:
    std::string with_packets(const std::string& packets) const {
        return with(forged::signature(main_header)
                        .add(GetParam(), TagType::binary, packets.size(), packets));
    }
};

TEST_P(SignaturePackets, WhatIsNoSignatureIsJudged) {
    expect_refused(with_packets("no packet at all"), "invalid OpenPGP signature",
                   reason::bad_signature);
    expect_refused(with_packets(std::string("\x89\x00\x03\x04\x00\x01", 6)),
                   "invalid OpenPGP signature", reason::bad_signature);
}

TEST_P(SignaturePackets, TwoPacketsInOneTagAreJudged) {
    const auto signature_of = [](const std::string& file) {
        const std::string bytes = core::read_file(workshop::package(file));
        const std::string magic("\x8E\xAD\xE8\x01\0\0\0\0", 8);
        const std::size_t header = bytes.find(magic);
        const auto number = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i)
                value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
            return value;
        };
        const std::uint32_t count = number(header + 8);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::size_t at = header + 16 + 16 * i;
            if (number(at) != 268) continue;
            return bytes.substr(header + 16 + 16 * count + number(at + 8), number(at + 12));
        }
        return std::string();
    };
    const std::string packet = signature_of("signed.rpm");
    ASSERT_FALSE(packet.empty());
    expect_refused(with_packets(packet + packet), "invalid OpenPGP signature",
                   reason::bad_signature);
    expect_refused(with_packets(packet), "BAD", reason::bad_signature);  // that of another package
}

INSTANTIATE_TEST_SUITE_P(Tags, SignaturePackets, testing::Values(267, 268, 1002, 1005));

TEST(Checksig, ASignatureOfAnUnknownKeyIsNoReason) {
    const std::string bytes = core::read_file(workshop::package("signed.rpm"));
    EXPECT_FALSE(rpm_takes(bytes));  // NOKEY
    EXPECT_EQ(judge(bytes).code, "accepted") << judge(bytes).message;
}

TEST(Checksig, OneBadSignatureBesideAGoodOneIsEnough) {
    std::string bytes = core::read_file(workshop::package("signed.rpm"));
    EXPECT_EQ(judge(bytes).code, "accepted");
    // The reserved space of rpm's becomes an old signature, of no form.
    const std::size_t reserved = bytes.find(forged::number(1008) + forged::number(7));
    ASSERT_NE(reserved, std::string::npos);
    bytes.replace(reserved, 4, forged::number(1005));
    expect_refused(bytes, "invalid OpenPGP signature", reason::bad_signature);
}

TEST(Checksig, ARegionThatEndsElsewhereIsJudgedAsByRpm) {
    const std::string sound = with(forged::signature(main_header));
    const std::size_t trailer = sound.find(forged::number(62) + forged::number(7), 96 + 40);
    ASSERT_NE(trailer, std::string::npos);
    int refused = 0;
    for (const std::size_t field : {0u, 4u, 8u, 12u}) {
        for (const std::uint64_t value :
             {0ull, 1ull, 63ull, 0u - 16ull, 0u - 48ull, 0x7fffffffull}) {
            std::string bytes = sound;
            bytes.replace(trailer + field, 4, forged::number(value));
            const bool taken = rpm_takes(bytes);
            EXPECT_EQ(judge(bytes).code == "accepted", taken) << field << ' ' << value;
            refused += taken ? 0 : 1;
        }
    }
    EXPECT_GT(refused, 10);
}

TEST(Checksig, RpmsWordsAreBoundedAndHarmless) {
    const workshop::Verdict verdict =
        judge(with(forged::signature(main_header).text(269, std::string(100'000, 'a'))));
    EXPECT_EQ(verdict.code, reason::package_corrupt);
    EXPECT_LT(verdict.message.size(), 1000u);
    EXPECT_EQ(verdict.message.find("specimen"), std::string::npos);
}

}  // namespace
