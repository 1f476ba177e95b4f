// SPDX-License-Identifier: GPL-3.0-or-later
// The payload is what the header says, or the package is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/forged_rpm.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

namespace reason = core::reason;
using forged::File;
using testing::HasSubstr;
using workshop::judge;
using workshop::must_run;
using workshop::quoted;
using workshop::Scratch;
using yum::TagType;

using Files = std::vector<File>;

constexpr std::uint32_t ghost = 1u << 6;
const File plain{"/opt/a", 0100644, "the bytes of a"};

void expect_taken(const std::string& bytes, const std::string& what) {
    const workshop::Verdict verdict = judge(bytes);
    EXPECT_EQ(verdict.code, "accepted") << what << ": " << verdict.message;
}

void expect_corrupt(const std::string& bytes, const std::string& words) {
    const workshop::Verdict verdict = judge(bytes);
    EXPECT_EQ(verdict.code, reason::package_corrupt) << words << ": " << verdict.message;
    EXPECT_THAT(verdict.message, HasSubstr(words));
}

TEST(Payload, WhatIsAsTheHeaderSaysIsTaken) {
    expect_taken(forged::package_of({}), "nothing");
    expect_taken(forged::package_of({plain}), "a file");
    expect_taken(forged::package_of({{"/opt", 040755}, plain, {"/opt/l", 0120777, "../../etc/x"}}),
                 "a directory, a file and a link");
    expect_taken(forged::package_of({plain}, forged::member("/opt/a", plain.mode, plain.bytes,
                                                            plain.bytes.size()) +
                                                 forged::trailer()),
                 "absolute, as some tools write it");
    expect_taken(forged::package_of({{"/", 040755}, {"/opt/empty", 0100644, ""}}), "the root");
}

TEST(Payload, EveryFileIsThereOnceAndNoOther) {
    const File other{"/opt/b", 0100644, "b"};
    expect_corrupt(forged::package_of({plain}, forged::payload({})), "lacks a file");
    expect_corrupt(forged::package_of({plain}, forged::payload({plain, other})),
                   "a file that the header has not");
    expect_corrupt(forged::package_of({plain}, forged::payload({plain, plain})), "one file twice");
    expect_corrupt(forged::package_of({plain}, forged::member(plain) +
                                                   forged::member("/opt/a", plain.mode, plain.bytes,
                                                                  plain.bytes.size()) +
                                                   forged::trailer()),
                   "one file twice");
    expect_corrupt(forged::package_of({plain, plain}, forged::payload({plain})), "is there twice");
}

TEST(Payload, TypeSizeBytesAndTargetAreThoseOfTheHeader) {
    const auto instead = [](const File& given) {
        return forged::package_of({plain}, forged::payload({given}));
    };
    expect_corrupt(instead({"/opt/a", 0100755, plain.bytes}), "mode");
    expect_corrupt(instead({"/opt/a", 0104644, plain.bytes}), "mode");
    expect_corrupt(instead({"/opt/a", 0120777, plain.bytes}), "mode");
    expect_corrupt(instead({"/opt/a", 0100644, plain.bytes + "."}), "bytes instead of");
    expect_corrupt(instead({"/opt/a", 0100644, "the bytes of b"}), "digest");
    const File link{"/opt/l", 0120777, "target"};
    expect_corrupt(forged::package_of({link}, forged::payload({{"/opt/l", 0120777, "tarqet"}})),
                   "target");
    expect_corrupt(
        forged::package_of({{"/opt/d", 040755}},
                           forged::member("./opt/d", 040755, "data", 4) + forged::trailer()),
        "bytes instead of 0");
}

TEST(Payload, NamesAreAbsoluteAndStraight) {
    for (const char* path : {"opt/a", "/opt/../a", "/opt/./a", "//opt/a", "/opt//a", "/opt/..",
                             "/opt/.", "/opt/", "/../a"}) {
        expect_corrupt(forged::package_of({{path, 0100644, "x"}}), "its file");
    }
    expect_corrupt(forged::package_of({{"/" + std::string(5000, 'a'), 0100644, "x"}}), "too long");
}

TEST(Payload, ASourcePackageHasPlainNames) {
    const auto source = [](const std::string& path, const std::string& member) {
        const File file{path, 0100644, "spec"};
        const std::string payload =
            forged::member(member, file.mode, file.bytes, file.bytes.size()) + forged::trailer();
        forged::Header header;
        header.text(yum::tag::name, "forged").text(yum::tag::version, "1");
        header.text(yum::tag::release, "1").text(yum::tag::summary, "s");
        header.text(yum::tag::os, "linux").text(yum::tag::arch, "noarch");
        header.add(yum::tag::source_package, TagType::int32, 1, forged::number(1));
        header.texts(yum::tag::payload_digest, {core::sha256(payload).hex()});
        header.add(yum::tag::payload_digest_algorithm, TagType::int32, 1, forged::number(8));
        forged::add_files(header, {file});
        return forged::package(header, payload);
    };
    expect_taken(source("forged.spec", "forged.spec"), "plain");
    expect_corrupt(source("/forged.spec", "forged.spec"), "source package");
    expect_corrupt(source("..", ".."), "its file");
}

TEST(Payload, NothingLiesBelowALinkOrAFile) {
    const File below{"/opt/l/x", 0100644, "x"};
    expect_corrupt(forged::package_of({{"/opt/l", 0120777, "/etc"}, below}), "below");
    expect_corrupt(forged::package_of({below, {"/opt/l", 0120777, "/etc"}}), "below");
    expect_corrupt(forged::package_of({{"/opt/l", 0100644, "file"}, below}), "below");
    expect_corrupt(
        forged::package_of({{"/opt/l", 0120777, "/etc"}, {"/opt/l-", 0100644, "x"}, below}),
        "below");
    expect_taken(forged::package_of({{"/opt/l", 0120777, "/etc"}, {"/opt/l-x", 0100644, "x"}}),
                 "beside");
    expect_taken(forged::package_of({{"/opt/l", 040755}, below}), "below a directory");
}

TEST(Payload, GhostsMayBeMissing) {
    const File missing{"/opt/ghost", 0100644, "", ghost};
    expect_taken(forged::package_of({plain, missing}, forged::payload({plain})), "no ghost");
    expect_taken(forged::package_of({plain, missing}), "a ghost, as old rpm packed it");
}

TEST(Payload, OfHardLinksTheLastHasTheBytes) {
    const File first{"/opt/a", 0100644, "linked", 0, 7, 2};
    const File last{"/opt/b", 0100644, "linked", 0, 7, 2};
    const auto empty = [](const File& file) {
        return forged::member("." + file.path, file.mode, "", 0, 2, 7);
    };
    const auto made = [&](const std::string& members) {
        return forged::package_of({first, last}, members + forged::trailer());
    };
    expect_taken(made(empty(first) + forged::member(last)), "the last");
    expect_corrupt(made(forged::member(first) + empty(last)), "bytes instead of");
    expect_corrupt(made(forged::member(first) + forged::member(last)), "bytes instead of");
    expect_corrupt(made(empty(first) + empty(last)), "bytes instead of");
    const File different{"/opt/b", 0100644, "linkeD", 0, 7, 2};
    expect_corrupt(forged::package_of({first, different},
                                      empty(first) + forged::member(different) + forged::trailer()),
                   "other bytes");
}

TEST(Payload, TheArchiveIsWalkedToItsEnd) {
    const std::string sound = forged::payload({plain});
    const auto made = [](const std::string& payload) {
        return forged::package_of({plain}, payload);
    };
    expect_taken(made(sound + std::string(512, '\0')), "padding");
    expect_corrupt(made(sound + "x"), "after its trailer");
    expect_corrupt(made(sound + sound), "after its trailer");
    expect_corrupt(made(forged::member(plain)), "ends before its trailer");
    expect_corrupt(made(sound.substr(0, 120)), "ends before its trailer");
    expect_corrupt(made("070701"), "ends before its trailer");
    std::string letters = sound;
    letters[8] = 'x';
    expect_corrupt(made(letters), "number that is none");
    letters = sound;
    letters.replace(94, 8, "00000000");  // the size of the name
    expect_corrupt(made(letters), "a name of 0 bytes");
    letters = sound;
    letters[112] = '\0';
    expect_corrupt(made(letters), "a name that is none");
    letters = sound;
    letters.replace(54, 8, "ffffffff");  // the size of the file
    expect_corrupt(made(letters), "bytes instead of");
}

TEST(Payload, LargeFilesHaveRpmsOwnForm) {
    const auto numbered = [](std::uint32_t file, std::string bytes) {
        bytes.resize((bytes.size() + 3) / 4 * 4);
        return "07070X" + forged::digits(file) + std::string(2, '\0') + bytes;
    };
    const auto made = [&](const std::string& members) {
        return forged::package_of({plain, {"/opt/l", 0120777, "a"}}, members + forged::trailer());
    };
    expect_taken(made(numbered(0, plain.bytes) + numbered(1, "a")), "both");
    expect_taken(made(numbered(1, "a") + numbered(0, plain.bytes)), "in another order");
    expect_corrupt(made(numbered(0, plain.bytes) + numbered(0, plain.bytes)), "twice");
    expect_corrupt(made(numbered(0, plain.bytes) + numbered(2, "a")), "file 2 of 2");
    expect_corrupt(made(numbered(0, plain.bytes)), "lacks");
    expect_corrupt(made(numbered(0, "other bytes...") + numbered(1, "a")), "digest");
}

/// What that program makes of a sound payload.
std::string packed(const std::string& command) {
    const Scratch scratch;
    const auto from = scratch.file("archive", forged::payload({plain}));
    must_run(command + " <" + quoted(from.string()) + " >" + quoted((scratch / "packed").string()));
    return core::read_file(scratch / "packed");
}

/// A package with it, whose header names `name`.
std::string named(const std::string& payload, const std::string& name) {
    forged::Header header = forged::minimal("s", payload);
    if (!name.empty()) header.text(yum::tag::payload_compressor, name);
    forged::add_files(header, {plain});
    return forged::package(header, payload);
}

std::string compressed(const std::string& command, const std::string& name) {
    return named(packed(command), name);
}

TEST(Payload, EachCompressorThatTheHeaderNames) {
    expect_taken(compressed("gzip -9", "gzip"), "gzip");
    expect_taken(compressed("gzip -9", ""), "gzip is the default");
    expect_taken(compressed("xz -9e", "xz"), "xz");
    expect_taken(compressed("xz --format=lzma", "lzma"), "lzma");
    expect_taken(compressed("bzip2", "bzip2"), "bzip2");
    expect_taken(compressed("zstd -q -19", "zstd"), "zstd");
    expect_taken(compressed("zstd -q -1 --long=27", "zstd"), "zstd --long");
    expect_taken(compressed("cat", ""), "none");
    expect_corrupt(compressed("xz", "zstd"), "compressed with zstd");
    expect_corrupt(compressed("cat", "gzip"), "compressed with gzip");
    expect_corrupt(compressed("{ gzip | gzip; }", "gzip"), "cannot be unpacked");
    EXPECT_EQ(judge(compressed("gzip", "lrzip")).code, reason::package_unsupported);
}

TEST(Payload, WhatFollowsTheCompressedStreamIsFound) {
    for (const auto& [command, name] :
         {std::pair{"gzip", "gzip"}, {"xz", "xz"}, {"bzip2", "bzip2"}}) {
        const std::string packer = command;
        expect_corrupt(compressed("{ " + packer + "; printf more; }", name), "");
        expect_corrupt(compressed("{ " + packer + " | head -c 60; }", name), "");
    }
}

/// As the header of an xz block has it.
std::uint32_t crc32(const std::string& bytes) {
    std::uint32_t sum = ~0u;
    for (const char c : bytes) {
        sum ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320u : 0);
    }
    return ~sum;
}

TEST(Payload, ACompressorThatAsksForMuchMemoryIsBeyondTheLimit) {
    std::string xz = packed("xz -0");
    xz[16] = 36;  // 1 GiB
    const std::size_t header_size = 4 * (static_cast<std::size_t>(xz[12]) + 1);
    const std::uint32_t sum = crc32(xz.substr(12, header_size - 4));
    for (std::size_t i = 0; i < 4; ++i) {
        xz[12 + header_size - 4 + i] = static_cast<char>(sum >> (8 * i));
    }
    std::string zstd = packed("zstd -q");
    zstd[5] = static_cast<char>((31 - 10) << 3);
    std::string lzma = packed("xz --format=lzma -0");
    lzma[4] = 0x40;
    for (const auto& [payload, name] :
         {std::pair{xz, "xz"}, {packed("xz -0") + xz, "xz"}, {zstd, "zstd"}, {lzma, "lzma"}}) {
        const workshop::Verdict verdict = judge(named(payload, name));
        EXPECT_EQ(verdict.code, reason::package_limit) << name << verdict.message;
        EXPECT_THAT(verdict.remedy, HasSubstr("dictionary_mb in [line.limits] of sluice.toml"));
    }
}

TEST(Payload, WhatUnpacksWithoutEndIsBeyondTheLimit) {
    const Scratch scratch;
    const std::uint64_t size = 1100ull << 20;
    const auto head = scratch.file("head", forged::member("./opt/a", 0100644, "", size));
    const std::string packed = quoted((scratch / "packed").string());
    must_run("{ cat " + quoted(head.string()) + "; head -c 1100M /dev/zero; } | zstd -1 >" +
             packed);
    const std::string payload = core::read_file(scratch / "packed");
    forged::Header header = forged::minimal("s", payload);
    header.text(yum::tag::payload_compressor, "zstd");
    forged::add_files(header, {{.path = "/opt/a", .claimed = size}});
    const workshop::Verdict verdict = judge(forged::package(header, payload));
    EXPECT_EQ(verdict.code, reason::package_limit) << verdict.message;
    EXPECT_THAT(verdict.message, HasSubstr("more than 1024 MiB"));
    EXPECT_THAT(verdict.remedy,
                HasSubstr("unpacked_mb or unpacked_ratio in [line.limits] of sluice.toml"));
}

TEST(Payload, AListBeyondTheLimitIsRefusedBeforeAnyLibrarySeesIt) {
    forged::Header header = forged::minimal();
    constexpr std::size_t many = 100'001;
    header.texts(yum::tag::provide_name, std::vector<std::string>(many, "p"));
    header.add(yum::tag::provide_flags, TagType::int32, many, std::string(4 * many, '\0'));
    header.texts(yum::tag::provide_version, std::vector<std::string>(many));
    const workshop::Verdict verdict = judge(forged::package(header));
    EXPECT_EQ(verdict.code, reason::package_limit);
    EXPECT_THAT(verdict.message, HasSubstr("100001 dependencies"));
    EXPECT_THAT(verdict.remedy, HasSubstr("dependencies in [line.limits] of sluice.toml"));
}

TEST(Payload, AHeaderBeyondTheLimitNamesTheSetting) {
    forged::Header header = forged::minimal();
    header.add(5999, TagType::binary, 65u << 20, std::string(65u << 20, '\0'));
    EXPECT_EQ(judge(forged::package(header)).code, reason::package_limit);
    const std::string bytes =
        forged::package(forged::minimal(), forged::trailer(),
                        forged::signature(forged::minimal())
                            .add(1008, TagType::binary, 65u << 20, std::string(65u << 20, '\0')));
    const workshop::Verdict verdict = judge(bytes);
    EXPECT_EQ(verdict.code, reason::package_limit);
    EXPECT_THAT(verdict.message, HasSubstr("signature header"));
    EXPECT_THAT(verdict.remedy, HasSubstr("header_mb in [line.limits] of sluice.toml"));
}

}  // namespace
