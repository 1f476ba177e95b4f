// SPDX-License-Identifier: GPL-3.0-or-later
// Packages that were damaged or made to harm: refused with a reason, never a crash.
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "backends/yum/inspector.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/forged_rpm.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

using namespace std::string_literals;
namespace reason = core::reason;
using testing::HasSubstr;
using workshop::package;
using workshop::Scratch;

const std::string header_magic = "\x8E\xAD\xE8\x01\0\0\0\0"s;

/// A package as bytes, with the places that tests like to damage.
struct Specimen {
    explicit Specimen(const std::string& name) : bytes(core::read_file(package(name))) {
        signature = bytes.find(header_magic);
        header = bytes.find(header_magic, signature + 1);
        entries = number(header + 8);
        data = header + 16 + 16 * entries;
        payload = data + number(header + 12);
    }

    std::uint32_t number(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
        return value;
    }

    Specimen& set(std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
        return *this;
    }

    /// Where the index entry of a tag of the main header is; its value begins at value(tag).
    std::size_t entry(std::uint32_t tag) const {
        for (std::size_t i = 0; i < entries; ++i) {
            if (number(header + 16 + 16 * i) == tag) return header + 16 + 16 * i;
        }
        throw std::runtime_error("no such tag");
    }
    std::size_t value(std::uint32_t tag) const { return data + number(entry(tag) + 8); }

    /// Mends the digests of the signature header, as a forger would.
    Specimen& forge() {
        const std::size_t count = number(signature + 8);
        const std::size_t values = signature + 16 + 16 * count;
        const std::string main = bytes.substr(header, payload - header);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = signature + 16 + 16 * i;
            const auto put = [&](const std::string& digest) {
                bytes.replace(values + number(at + 8), digest.size(), digest);
            };
            if (number(at) == 269) put(forged::hex(forged::hashed("SHA1", main)));
            if (number(at) == 273) put(forged::hex(forged::hashed("SHA256", main)));
            if (number(at) == 1004) put(forged::hashed("MD5", bytes.substr(header)));
        }
        return *this;
    }

    std::string bytes;
    std::size_t signature = 0, header = 0, entries = 0, data = 0, payload = 0;
};

using workshop::judge;
using workshop::Verdict;

const std::string argus = "argus-1.7.3-1.el9.noarch.rpm";

TEST(HostileRpm, SpecimensAreAcceptedUndamaged) {
    EXPECT_EQ(judge(Specimen(argus).bytes).code, "accepted");
    EXPECT_EQ(judge(Specimen(argus).forge().bytes).code, "accepted");
}

TEST(HostileRpm, CutAnywhereIsCorrupt) {
    const Specimen whole(argus);
    for (const std::size_t size :
         {0ul, 3ul, 95ul, 96ul, 100ul, 300ul, whole.header - 1, whole.header + 9, whole.data,
          whole.payload - 1, whole.payload, whole.bytes.size() - 1}) {
        EXPECT_EQ(judge(whole.bytes.substr(0, size)).code, reason::package_corrupt) << size;
    }
}

TEST(HostileRpm, WhatIsNoRpmIsCorrupt) {
    EXPECT_EQ(judge(std::string(4096, 'x')).code, reason::package_corrupt);
    EXPECT_EQ(judge("<html>404</html>").code, reason::package_corrupt);
    Specimen other(argus);
    other.bytes[other.signature] = 'x';
    EXPECT_EQ(judge(other.bytes).code, reason::package_corrupt);
}

TEST(HostileRpm, HugeCountsAreCorruptBeforeMemoryIsTaken) {
    for (const std::uint32_t count : {0u, 100'001u, 0x7fffffffu, 0xffffffffu}) {
        EXPECT_EQ(judge(Specimen(argus).set(Specimen(argus).header + 8, count).bytes).code,
                  reason::package_corrupt);
        EXPECT_EQ(judge(Specimen(argus).set(Specimen(argus).signature + 8, count).bytes).code,
                  reason::package_corrupt);
        if (count == 0) continue;
        EXPECT_EQ(judge(Specimen(argus).set(Specimen(argus).header + 12, count).bytes).code,
                  reason::package_corrupt);
    }
}

TEST(HostileRpm, EntriesThatPointOutsideOrOverlapAreCorrupt) {
    const Specimen whole(argus);
    for (const std::uint32_t offset : {0xffffffffu, 0x7ffffff0u, 0u}) {
        Specimen damaged(argus);
        damaged.set(damaged.entry(1117) + 8, offset);
        EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_corrupt) << offset;
    }
    for (const std::uint32_t count : {0u, 3u, 0x7fffffffu, 0xffffffffu}) {
        Specimen damaged(argus);
        damaged.set(damaged.entry(1116) + 12, count);
        EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_corrupt) << count;
    }
    for (const std::uint32_t type : {0u, 7u, 10u, 0xffffffffu}) {
        Specimen damaged(argus);
        damaged.set(damaged.entry(1000) + 4, type);
        EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_corrupt) << type;
    }
}

TEST(HostileRpm, AFileInADirectoryThatIsNotThereIsCorrupt) {
    Specimen damaged(argus);
    damaged.set(damaged.value(1116), 0x00ffffff);
    const Verdict verdict = judge(damaged.forge().bytes);
    EXPECT_EQ(verdict.code, reason::package_corrupt);
    EXPECT_THAT(verdict.message, HasSubstr("directory"));
}

TEST(HostileRpm, ATagTwiceIsCorrupt) {
    Specimen damaged(argus);
    damaged.set(damaged.entry(1001), 1000);
    EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_corrupt);
}

TEST(HostileRpm, AMandatoryTagMissingIsCorrupt) {
    for (const std::uint32_t tag : {1000u, 1001u, 1002u, 1022u}) {
        Specimen damaged(argus);
        damaged.set(damaged.entry(tag), 999);
        EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_corrupt) << tag;
    }
}

TEST(HostileRpm, AHeaderThatIsNotTheSignedOneIsCorrupt) {
    Specimen damaged(argus);
    damaged.bytes[damaged.value(1005)] = 'X';  // the description
    const Verdict verdict = judge(damaged.bytes);
    EXPECT_EQ(verdict.code, reason::package_corrupt);
    EXPECT_THAT(verdict.message, HasSubstr("main header"));
}

TEST(HostileRpm, AChangedPayloadIsFoundByItsDigest) {
    Specimen damaged(argus);
    damaged.bytes.back() = static_cast<char>(damaged.bytes.back() ^ 1);
    EXPECT_EQ(judge(damaged.bytes).code, reason::payload_digest);
    Specimen first(argus);
    first.bytes[first.payload] = 'x';
    EXPECT_EQ(judge(first.bytes).code, reason::payload_digest);
}

TEST(HostileRpm, NoPayloadDigestIsRefused) {
    Specimen damaged(argus);
    damaged.set(damaged.entry(5092), 5999);
    EXPECT_EQ(judge(damaged.forge().bytes).code, reason::payload_digest);
}

TEST(HostileRpm, BytesAfterTheEndAreCorrupt) {
    const Verdict verdict = judge(Specimen(argus).bytes + "trailing");
    EXPECT_EQ(verdict.code, reason::package_corrupt);
    EXPECT_THAT(verdict.message, HasSubstr("after its end"));
}

TEST(HostileRpm, DeltaPackagesAreUnsupported) {
    Specimen damaged(argus);
    damaged.bytes.replace(damaged.value(1124), 4, "drpm");
    EXPECT_EQ(judge(damaged.forge().bytes).code, reason::package_unsupported);
    EXPECT_EQ(judge("drpm" + Specimen(argus).bytes.substr(4)).code, reason::package_unsupported);
}

TEST(HostileRpm, FormatsBeforeVersionFourAreUnsupported) {
    Specimen old(argus);
    old.bytes[4] = 2;
    EXPECT_EQ(judge(old.bytes).code, reason::package_unsupported);
    Specimen unsealed(argus);  // the region seals fewer entries than there are
    const std::size_t trailer = unsealed.value(63);
    unsealed.set(trailer + 8, unsealed.number(trailer + 8) + 16);
    EXPECT_EQ(judge(unsealed.forge().bytes).code, reason::package_unsupported);
}

TEST(HostileRpm, NamesThatAreNoFileNamesAreRefused) {
    for (const std::string& name : {"\0rgus"s, "../us"s, "a/gus"s, ".rgus"s, "-rgus"s, "a gus"s,
                                    "a\ngus"s, "\xC3\xA4gus"s, "a%sus"s, "$(id)"s}) {
        Specimen damaged(argus);
        damaged.bytes.replace(damaged.value(1000), name.size(), name);
        const Verdict verdict = judge(damaged.forge().bytes);
        EXPECT_THAT(verdict.code, testing::AnyOf(reason::package_name, reason::control_characters))
            << name;
        EXPECT_THAT(verdict.message, testing::Not(testing::HasSubstr("\"\"")));
    }
}

TEST(HostileRpm, ControlCharactersAreRefusedWithTheNameOfTheTag) {
    const Verdict built = judge(Specimen("odd-1-1.el9.noarch.rpm").bytes);
    EXPECT_EQ(built.code, reason::control_characters);
    EXPECT_THAT(built.message, HasSubstr("Vendor"));

    const std::vector<std::pair<std::uint32_t, std::string>> places = {
        {1004, "Summary"},   {1005, "Description"}, {1014, "License"},    {1020, "URL"},
        {1047, "Provides"},  {1050, "Requires"},    {1082, "change log"}, {1081, "change log"},
        {1117, "file name"}, {1118, "file name"},   {5046, "Recommends"}, {1054, "Conflicts"}};
    for (const auto& [tag, name] : places) {
        Specimen damaged(argus);
        if (damaged.bytes[damaged.value(tag)] == '\0') continue;  // an empty string has no place
        damaged.bytes[damaged.value(tag)] = '\x01';
        const Verdict verdict = judge(damaged.forge().bytes);
        EXPECT_EQ(verdict.code, reason::control_characters) << name;
        EXPECT_THAT(verdict.message, HasSubstr(name));
    }
}

TEST(HostileRpm, TextThatIsNotUtf8IsRefused) {
    for (const std::uint32_t tag : {1004u, 1005u, 1047u, 1117u}) {
        Specimen damaged(argus);
        damaged.bytes[damaged.value(tag)] = '\xE9';
        EXPECT_EQ(judge(damaged.forge().bytes).code, reason::control_characters) << tag;
    }
}

TEST(HostileRpm, ARelationThatCreaterepoWouldDropIsRefused) {
    Specimen damaged(argus);
    const std::size_t epoch = damaged.bytes.find(std::string("1:0.9-2") + '\0', damaged.data);
    ASSERT_NE(epoch, std::string::npos);
    damaged.bytes[epoch] = 'q';
    const Verdict verdict = judge(damaged.forge().bytes);
    EXPECT_EQ(verdict.code, reason::package_corrupt);
    EXPECT_THAT(verdict.message, HasSubstr("Obsoletes"));
}

TEST(HostileRpm, AForgedPackageIsAcceptedWhereItIsSound) {
    EXPECT_EQ(judge(forged::package(forged::minimal())).code, "accepted");
    EXPECT_EQ(judge(forged::package(forged::minimal("größer, 日本語"))).code, "accepted");
}

TEST(HostileRpm, WhatXmlCannotCarryIsRefused) {
    for (const char* text : {"\x01", "a\x7f", "\xC2\x85", "\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xFF",
                             "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\nb",
                             "\xE2\x80\xAE"
                             "evil"}) {
        EXPECT_EQ(judge(forged::package(forged::minimal(text))).code, reason::control_characters)
            << text;
    }
}

forged::Header with_description(const std::string& text) {
    forged::Header header = forged::minimal();
    header.text(yum::tag::description, text);
    return header;
}

forged::Header with_changelog(const std::string& author, const std::string& text) {
    forged::Header header = forged::minimal();
    header.add(yum::tag::changelog_time, yum::TagType::int32, 1, forged::number(1));
    header.texts(yum::tag::changelog_name, {author});
    header.texts(yum::tag::changelog_text, {text});
    return header;
}

TEST(HostileRpm, TextThatIsReorderedOrCutIsRefused) {
    for (const char* bad :
         {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
          "\u2028", "\u2029", "\ufdd0", "\U0010fffe", "\rb"}) {
        const std::string text = std::string("a") + bad + "c";
        forged::Header file = forged::minimal();
        file.add(yum::tag::file_modes, yum::TagType::int16, 1, forged::number(0, 2));
        file.add(yum::tag::file_flags, yum::TagType::int32, 1, forged::number(0));
        file.add(yum::tag::dir_indexes, yum::TagType::int32, 1, forged::number(0));
        file.texts(yum::tag::base_names, {text});
        file.texts(yum::tag::dir_names, {"/"});
        forged::Header provides = forged::minimal();
        provides.add(yum::tag::provide_flags, yum::TagType::int32, 1, forged::number(0));
        provides.texts(yum::tag::provide_name, {text});
        provides.texts(yum::tag::provide_version, {""});
        for (const forged::Header& header :
             {forged::minimal(text), with_description(text), with_changelog("a", text),
              with_changelog(text, "a"), file, provides}) {
            EXPECT_EQ(judge(forged::package(header)).code, reason::control_characters)
                << core::escaped(text);
        }
    }
}

TEST(HostileRpm, TextThatDistributionsHaveIsTaken) {
    for (const char* text :
         {"می\u200cخواهم \u200f(C++)\u200e", "क्\u200dष", "🤷🏻\u200d♀\ufe0f",
          "Tron\u00ad-like, values \u200b\u200band", "\ufffc* C99"}) {
        EXPECT_EQ(judge(forged::package(forged::minimal(text))).code, "accepted") << text;
        EXPECT_EQ(judge(forged::package(with_description(text))).code, "accepted") << text;
        EXPECT_EQ(judge(forged::package(with_changelog(text, text))).code, "accepted") << text;
    }
    EXPECT_EQ(judge(forged::package(with_description("a\r\n\tb\r"))).code, "accepted");
}

TEST(HostileRpm, AnEpochIsANumberThatClientsCompare) {
    const auto with_epoch = [](std::uint64_t epoch) {
        forged::Header header = forged::minimal();
        header.add(yum::tag::epoch, yum::TagType::int32, 1, forged::number(epoch));
        return judge(forged::package(header)).code;
    };
    for (const std::uint64_t epoch : {0ul, 1ul, 2147483647ul}) {
        EXPECT_EQ(with_epoch(epoch), "accepted") << epoch;
    }
    for (const std::uint64_t epoch : {2147483648ul, 4294967295ul}) {
        EXPECT_EQ(with_epoch(epoch), reason::package_name) << epoch;
    }
    const auto obsoletes = [](const std::string& version) {
        forged::Header header = forged::minimal();
        header.add(yum::tag::obsolete_flags, yum::TagType::int32, 1, forged::number(8));
        header.texts(yum::tag::obsolete_name, {"a"});
        header.texts(yum::tag::obsolete_version, {version});
        return judge(forged::package(header)).code;
    };
    for (const char* version : {"0:1", "1000000000:1", "2147483647:1-1", "00000000001:1"}) {
        EXPECT_EQ(obsoletes(version), "accepted") << version;
    }
    for (const char* version : {"2147483648:1", "4294967297:1-1", "99999999999999999999:1", ":1",
                                "-1:1", "+1:1", "x:1"}) {
        EXPECT_EQ(obsoletes(version), reason::package_corrupt) << version;
    }
}

TEST(HostileRpm, AnOldChangeLogIsWrittenAsUtf8WhateverItsBytesLookLike) {
    // libxml2 takes all but the last for UTF-8, and would print them as they are.
    for (const char* text : {"\xC0\xA0", "\xED\xA0\xA5", "\xF4\xB0\xA0\xA0", "\xF7\xBF\xBF\xBF",
                             "\xE0\xA0", "\xE9t\xE9"}) {
        const Scratch scratch;
        const std::string bytes = forged::package(
            with_changelog(std::string("A <a@b.c> ") + text, std::string("- ") + text));
        const auto file = scratch.file("forged.rpm", bytes);
        const std::string other = workshop::read(file).fragments.at(2);
        EXPECT_TRUE(core::valid_utf8(other)) << other;
        EXPECT_THAT(other, HasSubstr("<changelog"));
        EXPECT_EQ(yum::count_elements(other), 1u);
    }
}

TEST(HostileRpm, ListsWithoutEndAreBeyondTheLimit) {
    const std::string many(2'000'000, '\0');
    forged::Header header = forged::minimal();
    header.add(1117, yum::TagType::strings, many.size(), many);
    EXPECT_EQ(judge(forged::package(header)).code, reason::package_limit);
}

TEST(HostileRpm, ALongDirectoryWithManyFilesIsBeyondTheLimit) {
    constexpr std::size_t files = 10'000;
    forged::Header header = forged::minimal();
    header.add(yum::tag::file_modes, yum::TagType::int16, files, std::string(2 * files, '\0'));
    header.add(yum::tag::file_flags, yum::TagType::int32, files, std::string(4 * files, '\0'));
    header.add(yum::tag::dir_indexes, yum::TagType::int32, files, std::string(4 * files, '\0'));
    header.add(yum::tag::base_names, yum::TagType::strings, files, std::string(files, '\0'));
    header.texts(yum::tag::dir_names, {"/" + std::string(100'000, 'd') + "/"});
    EXPECT_EQ(judge(forged::package(header)).code, reason::package_limit);
}

TEST(HostileRpm, ListsThatDoNotGoTogetherAreCorrupt) {
    forged::Header fewer = forged::minimal();
    fewer.texts(yum::tag::provide_name, {"a", "b"});
    fewer.add(yum::tag::provide_flags, yum::TagType::int32, 1, forged::number(8));
    fewer.texts(yum::tag::provide_version, {"1", "2"});
    EXPECT_EQ(judge(forged::package(fewer)).code, reason::package_corrupt);
    forged::Header missing = forged::minimal();
    missing.texts(yum::tag::require_name, {"a"});
    EXPECT_EQ(judge(forged::package(missing)).code, reason::package_corrupt);
    forged::Header wrong = forged::minimal();
    wrong.add(yum::tag::epoch, yum::TagType::int16, 1, forged::number(1, 2));
    EXPECT_EQ(judge(forged::package(wrong)).code, reason::package_corrupt);
}

/// One of the ways in which bytes go wrong.
void mutate(std::string& bytes, std::size_t at, std::mt19937& random) {
    const std::size_t word = at - at % 4;
    switch (random() % 6) {
        case 0:
            bytes[at] = static_cast<char>(random());
            break;
        case 1:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
            break;
        case 2:
            bytes.replace(word, 4, {'\0', '\0', '\0', static_cast<char>(random() % 64)});
            break;
        case 3:
            bytes.replace(word, 4, random() % 2 == 0 ? "\xff\xff\xff\xff" : "\x7f\xff\xff\xff");
            break;
        case 4:
            bytes.replace(word, 16, bytes.substr(random() % word, 16));
            break;
        default:
            if (random() % 8 == 0) bytes.resize(at + 1);
    }
}

TEST(HostileRpm, ThousandsOfMutantsAreAcceptedOrRefusedNeverMore) {
    const std::vector<Specimen> specimens = {Specimen(argus).forge(),
                                             Specimen("argus-1.7.3-1.el9.src.rpm").forge(),
                                             Specimen("lib-1.0-1.el9.x86_64.rpm").forge()};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    // Another seed: --gtest_shuffle --gtest_random_seed=N
    std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    std::map<std::string, int> verdicts;
    for (int i = 0; i < 6000 && std::chrono::steady_clock::now() < deadline; ++i) {
        const Specimen& specimen = specimens[random() % specimens.size()];
        std::string bytes = specimen.bytes;
        for (auto left = 1 + random() % 3; left > 0; --left) {
            if (bytes.size() < specimen.bytes.size()) break;
            // The index of the main header decides most; lead and signatures get their share too.
            const std::size_t begin = random() % 4 == 0 ? 4 : specimen.header;
            const std::size_t end = random() % 2 == 0 ? specimen.data : specimen.payload;
            mutate(bytes, begin + random() % (end - begin), random);
        }
        // What the digests cover is judged beyond them in every second one.
        Specimen mutant = specimen;
        mutant.bytes = bytes;
        const bool whole =
            bytes.size() == specimen.bytes.size() &&
            bytes.compare(0, specimen.header, specimen.bytes, 0, specimen.header) == 0;
        ++verdicts[judge(whole && i % 2 == 0 ? mutant.forge().bytes : bytes).code];
    }
    for (const auto& [code, count] : verdicts) RecordProperty(code, count);
    EXPECT_GT(verdicts["accepted"], 0);
    EXPECT_GT(verdicts[std::string(reason::package_corrupt)], 0);
}

}  // namespace
