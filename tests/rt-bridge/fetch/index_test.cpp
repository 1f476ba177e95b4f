// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes of foreign repositories: what they say, what is refused, and what a hostile one costs.
#include "rt-bridge/fetch/index.hpp"

#include <gtest/gtest.h>

#include "backends/shards/gzip.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/fetch/apt_index.hpp"
#include "rt-bridge/fetch/yum_index.hpp"
#include "tests/scratch.hpp"
#include "tests/spent.hpp"

namespace fetch {
namespace {

using Reading = void (*)(const archive::Source&, const std::string&, PackageList&);

const std::string digest(64, 'a');
const std::string yum_begin =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata"
    "/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"1\">\n";
const std::string yum_end = "</metadata>\n";

std::string paragraph(const std::string& file, const std::string& more = {}) {
    return "Package: tool\nFilename: " + file + "\nSize: 7\nSHA256: " + digest + "\n" + more + "\n";
}

std::string package(const std::string& file, const std::string& more = {}) {
    return "<package type=\"rpm\"><name>tool</name><checksum type=\"sha256\" pkgid=\"YES\">" +
           digest + "</checksum><size package=\"7\" installed=\"9\"/>" + more +
           "<location href=\"" + file + "\"/></package>\n";
}

std::string times(std::size_t count, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

/// Names of all files; or code, message and remedy of the refusal.
std::string verdict(Reading read, const archive::Source& source, const IndexLimits& limits = {}) {
    PackageList list(limits);
    try {
        read(source, "the index", list);
    } catch (const core::Refused& refused) {
        return refused.code() + ": " + refused.what() + " " + refused.remedy();
    }
    std::string names;
    for (const auto& [name, expected] : list.files()) {
        EXPECT_EQ(expected.size, 7u);
        EXPECT_EQ(expected.digest.hex(), digest);
        names += name + " ";
    }
    return names;
}

std::string verdict(Reading read, const std::string& text, const IndexLimits& limits = {}) {
    return verdict(read, archive::Source::memory(text), limits);
}

void expect_in(const std::string& part, const std::string& text) {
    EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in " << text;
}

TEST(AptIndex, NamesItsFiles) {
    const std::string text = "\n\n" +
                             paragraph("./pool/a.deb", "Description: one\n two\n .\n three\n") +
                             "\r\n" + paragraph("pool/b.deb") + "   \n" + paragraph("pool/a.deb");
    EXPECT_EQ(verdict(read_packages, text), "pool/a.deb pool/b.deb ");
    EXPECT_EQ(verdict(read_packages, text.substr(0, text.size() - 2)), "pool/a.deb pool/b.deb ");
    EXPECT_EQ(verdict(read_packages, shards::Compressor().member(text)), "pool/a.deb pool/b.deb ");
    EXPECT_EQ(verdict(read_packages, std::string()), "");
    EXPECT_EQ(verdict(read_packages, shards::Compressor().member("")), "");
}

TEST(AptIndex, WhatIsNoneIsRefusedWithItsLine) {
    expect_in("repository-invalid", verdict(read_packages, paragraph("../a.deb")));
    expect_in("repository-invalid", verdict(read_packages, std::string("Package: a\n")));
    expect_in("no SHA-256", verdict(read_packages, std::string("Filename: a\nSize: 1\n")));
    expect_in("line 8: not a field",
              verdict(read_packages, paragraph("a") + "\nPackage: b\nnonsense\n"));
    expect_in("line 7: a second field", verdict(read_packages, paragraph("a") + "A: b\na: c\n"));
    const std::string whole = shards::Compressor().member(paragraph("a"));
    expect_in("repository-invalid: the index: ",
              verdict(read_packages, whole.substr(0, whole.size() - 9)));
    std::string other = paragraph("a");
    other.replace(other.find("Size: 7"), 7, "Size: 8");
    expect_in("two packages are called a", verdict(read_packages, paragraph("a") + other));
}

TEST(YumIndex, NamesItsFiles) {
    const std::string text = yum_begin +
                             package("a.rpm", "<format><size package=\"x\"/></format>") +
                             "<!-- more -->" + package("b.rpm") + package("a.rpm") + yum_end;
    EXPECT_EQ(verdict(read_primary, text), "a.rpm b.rpm ");
    EXPECT_EQ(verdict(read_primary, shards::Compressor().member(text)), "a.rpm b.rpm ");
    EXPECT_EQ(verdict(read_primary, yum_begin + yum_end), "");
    EXPECT_EQ(verdict(read_primary, "<!DOCTYPE metadata>" + yum_begin.substr(39) + yum_end), "");
}

TEST(YumIndex, WhatIsNoneIsRefusedWithItsLine) {
    const auto one = [](const std::string& text) {
        return verdict(read_primary, yum_begin + text + yum_end);
    };
    expect_in("repository-invalid", one(package("../a.rpm")));
    expect_in("line 4: ", one("\n<package><size/></package>"));
    expect_in("package has no checksum", one("<package/>"));
    expect_in("only sha256", one("<package><checksum type=\"md5\">x</checksum><size package=\"1\"/>"
                                 "<location href=\"a\"/></package>"));
    expect_in("another repository",
              one("<package><location xml:base=\"http://a/\" href=\"a\"/></package>"));
    expect_in("xml-syntax: the index, line ", one("<package>"));
    expect_in("xml-syntax", one("&nbsp;"));
    expect_in("xml-syntax", one("\xff"));
    expect_in("xml-syntax", verdict(read_primary, std::string()));
    expect_in("xml-syntax", verdict(read_primary, yum_begin + yum_end + yum_begin + yum_end));
    expect_in(
        "xml-encoding",
        verdict(read_primary, std::string("<?xml version=\"1.0\" encoding=\"latin1\"?><a/>")));
}

TEST(YumIndex, ADoctypeThatSaysSomethingIsRefused) {
    for (const char* doctype :
         {"<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
          "<!DOCTYPE a PUBLIC 'x' 'http://127.0.0.1/'>",
          "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]>"}) {
        expect_in("xml-doctype", verdict(read_primary, doctype + std::string("<a>&b;</a>")));
    }
}

TEST(Index, EachLimitIsToldWithWhatRaisesIt) {
    IndexLimits limits;
    limits.packages = 2;
    std::string told = verdict(read_packages, times(3, paragraph("a")), limits);
    expect_in("download-limit: the index: the source's indexes have more than 2 packages", told);
    expect_in("raise download.index_packages.", told);
    told = verdict(read_primary, yum_begin + times(3, package("a")) + yum_end, limits);
    expect_in("more than 2 packages", told);
    expect_in("raise download.index_packages.",
              verdict(read_packages, paragraph("a", "B: c\n" + times(400, " d\n")), limits));
    expect_in("elements and attributes",
              verdict(read_primary, yum_begin + times(401, "<a/>") + yum_end, limits));
    limits = {};
    limits.files = 1;
    told = verdict(read_packages, paragraph("a") + paragraph("b"), limits);
    expect_in("download-limit", told);
    expect_in("more than 1 files", told);
    expect_in("raise download.files.", told);
    limits = {};
    limits.bytes = 1000;
    const std::string packed = shards::Compressor().member(times(10, paragraph("a")));
    told = verdict(read_packages, packed, limits);
    expect_in("download-limit", told);
    expect_in("it has " + std::to_string(packed.size()) + " bytes, and more than 1000 come out",
              told);
    expect_in("raise download.index_megabytes.", told);
}

TEST(Index, TheLimitsAreThoseOfAllIndexesTogether) {
    IndexLimits limits;
    limits.packages = 3;
    limits.bytes = 2 * paragraph("a").size() + 1;
    PackageList list(limits);
    const std::string text = paragraph("a");
    for (int i = 0; i < 2; ++i) read_packages(archive::Source::memory(text), "it", list);
    EXPECT_THROW(read_packages(archive::Source::memory(text), "it", list), core::Refused);
    EXPECT_EQ(list.files().size(), 1u);
}

/// Writes gzip members: `begin`, and `count` times `text`, so that a gigabyte takes no time.
struct Hostile {
    const char* name;
    Reading read;
    std::string begin;
    std::string text;
    std::size_t count;
    const char* verdict;
};

std::string distinct(std::size_t count, const std::string& begin, const std::string& end) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += begin + std::to_string(i) + end;
    return all;
}

constexpr std::size_t mega = 1u << 20;

std::vector<Hostile> hostile_indexes() {
    const std::string letters(mega, 'x');
    std::string most_fields;
    for (int i = 0; i < 124; ++i) most_fields += "x" + std::to_string(i) + ":\n";
    const auto packages = [](const std::string& more) {
        return times(mega / package("a", more).size() + 1, package("a", more));
    };
    return {
        {"paragraphs", read_packages, "", times(10'000, paragraph("a")), 5000, "index_packages"},
        {"files", read_packages, "",
         times(1, distinct(100'000, "Filename: ", "\nSize: 7\nSHA256: " + digest + "\n\n")), 1,
         "download.files"},
        {"blank lines", read_packages, "", std::string(mega, '\n'), 300, "index_packages"},
        {"blanks", read_packages, "", std::string(mega, ' '), 300, "a paragraph has more than"},
        {"one value", read_packages, "a: ", letters, 300, "a paragraph has more than"},
        {"lines of a value", read_packages, "a: b\n", times(mega / 4, " .x\n"), 300,
         "a paragraph has more than"},
        {"fields", read_packages, "", distinct(100'000, "a", ":\n"), 1, "128 fields"},
        {"paragraphs of many fields", read_packages, "", times(1000, paragraph("a", most_fields)),
         300, "index_packages"},
        {"paragraphs of long values", read_packages, "", paragraph("a", "b: " + letters + "\n"),
         300, "index_megabytes"},
        {"paragraphs of many lines", read_packages, "",
         paragraph("a", "b:\n" + times(mega / 3, " .\n")), 300, "index_packages"},
        {"packages", read_primary, yum_begin, packages(""), 300, "index_packages"},
        {"elements", read_primary, yum_begin, times(mega / 4, "<a/>"), 300, "index_packages"},
        {"attributes", read_primary, yum_begin,
         times(mega / 60, "<a b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l=''/>"), 300,
         "index_packages"},
        {"elements of a package", read_primary, yum_begin + "<package>", times(mega / 4, "<a/>"),
         300, "a package has more than"},
        {"text", read_primary, yum_begin, letters, 300, "index_megabytes"},
        {"text of a checksum", read_primary, yum_begin + "<package><checksum type='sha256'>",
         letters, 300, "a package has more than"},
        {"references", read_primary, yum_begin, times(mega / 4, "&lt;"), 300, "index_megabytes"},
        {"packages of long texts", read_primary, yum_begin, package("a", "<d>" + letters + "</d>"),
         300, "index_megabytes"},
        {"packages of many elements", read_primary, yum_begin,
         package("a", times(mega / 4, "<a/>")), 300, "index_packages"},
        {"depth", read_primary, yum_begin, times(mega / 3, "<a>"), 300, "xml-limit"},
        {"an attribute", read_primary, yum_begin + "<a b='", letters, 300, "xml-limit"},
        {"a comment", read_primary, yum_begin + "<!--", letters, 300, "xml-limit"},
        {"an instruction", read_primary, yum_begin + "<?a ", letters, 300, "xml-limit"},
        {"a section", read_primary, yum_begin + "<![CDATA[", letters, 300, "index_megabytes"},
        {"comments", read_primary, yum_begin, times(mega / 8, "<!--a-->"), 300, "index_megabytes"},
        {"large comments", read_primary, yum_begin,
         times(4, "<!--" + letters.substr(0, 250'000) + "-->"), 300, "index_megabytes"},
        {"names", read_primary, yum_begin, distinct(100'000, "<a", "/>"), 1, "xml-limit"},
        {"names of attributes", read_primary, yum_begin + "<a", distinct(20'000, " a", "=''") + ">",
         1, "xml-limit"},
        {"a name", read_primary, yum_begin + "<a", letters, 300, "xml-limit"},
        {"blanks in front", read_primary, "", std::string(mega, ' '), 300, "index_megabytes"},
        {"brackets", read_primary, yum_begin, times(mega / 3, "]]&"), 300, "xml-syntax"},
    };
}

TEST(Index, AHostileOneCostsLittle) {
    const tests::Scratch scratch;
    IndexLimits limits;
    if (!tests::time_counts) limits = {limits.bytes / 10, limits.packages / 10, limits.files};
    for (const Hostile& hostile : hostile_indexes()) {
        const std::filesystem::path file = scratch / "index";
        const std::string begin = shards::Compressor().member(hostile.begin);
        const std::string text = shards::Compressor().member(hostile.text);
        core::File created = core::File::create(file);
        if (!hostile.begin.empty()) created.write(begin);
        for (std::size_t i = 0; i < hostile.count; ++i) created.write(text);
        created.close();
        const tests::Spent spent = tests::spent_by(
            [&] { return verdict(hostile.read, archive::Source::file(file), limits); });
        printf("%30s: %5.2f s, %4ld MB  %.90s\n", hostile.name, spent.seconds, spent.megabytes,
               spent.answer.c_str());
        expect_in(hostile.verdict, spent.answer);
        if (tests::memory_counts) {
            EXPECT_LE(spent.megabytes, 256) << hostile.name;
        }
        if (tests::time_counts) {
            EXPECT_LE(spent.seconds, 5) << hostile.name;
        }
        std::filesystem::remove(file);
    }
}

}  // namespace
}  // namespace fetch
