// SPDX-License-Identifier: GPL-3.0-or-later
// What is remarkable of an RPM, and how much it may add to the indexes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/yum/inspector.hpp"
#include "backends/yum/rendered_size.hpp"
#include "core/model/error.hpp"
#include "tests/backends/yum/forged_rpm.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

using forged::Header;
using forged::number;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using yum::TagType;
namespace tag = yum::tag;

struct OneFile {
    std::string directory, name;
    unsigned mode = 0100644;
    unsigned flags = 0;
};

std::vector<forged::File> files_of(const std::vector<OneFile>& files, bool packed) {
    constexpr unsigned ghost = 1u << 6;
    std::vector<forged::File> result;
    for (const OneFile& file : files) {
        if (packed && file.flags == ghost) continue;
        const bool link = (file.mode & 0170000) == 0120000;
        result.push_back({file.directory + file.name, file.mode, link ? "target" : "", file.flags});
    }
    return result;
}

/// What all packages of these files have.
Header with_files(const std::vector<OneFile>& files) {
    Header header = forged::minimal("s", forged::payload(files_of(files, true)));
    return forged::add_files(header, files_of(files, false));
}

Header& relate(Header& header, std::uint32_t names, std::uint32_t flags, std::uint32_t versions,
               const std::vector<std::string>& texts) {
    header.texts(names, texts);
    header.add(flags, TagType::int32, texts.size(), std::string(4 * texts.size(), '\0'));
    return header.texts(versions, std::vector<std::string>(texts.size()));
}

Header& provide(Header& header, const std::vector<std::string>& names) {
    return relate(header, tag::provide_name, tag::provide_flags, tag::provide_version, names);
}

Header& log(Header& header, const std::vector<std::string>& authors,
            const std::vector<std::string>& texts) {
    std::string times;
    for (std::size_t i = texts.size(); i > 0; --i) times += number(1'000'000'000 + 86'400 * i);
    header.add(tag::changelog_time, TagType::int32, texts.size(), times);
    return header.texts(tag::changelog_name, authors).texts(tag::changelog_text, texts);
}

/// As it comes in, and what is kept of it.
class Forged {
  public:
    explicit Forged(const Header& header, const std::vector<OneFile>& files = {})
        : bytes_(forged::package(header, forged::payload(files_of(files, true)))),
          file_(scratch_.file("forged.rpm", bytes_)) {}

    core::Inspection inspect(const core::InspectionRule& rule = {}) const {
        return workshop::read(file_, core::sha256(bytes_), rule);
    }
    core::Remarks remarks(const core::InspectionRule& rule = {}) const {
        return inspect(rule).package.remarks;
    }
    shards::Fragments fragments() const {
        return inspector_.fragments(file_, core::sha256(bytes_));
    }
    shards::Fragments fragments_without_cache() const {
        const yum::YumInspector other{core::Cache(scratch_ / "other"), workshop::cells()};
        return other.fragments(file_, core::sha256(bytes_));
    }
    /// "code: message (remedy)", or empty.
    std::string refusal(const core::InspectionRule& rule = {}) const {
        try {
            inspect(rule);
        } catch (const core::Refused& refused) {
            return std::string(refused.code()) + ": " + refused.what() + " (" + refused.remedy() +
                   ")";
        }
        return {};
    }

  private:
    workshop::Scratch scratch_;
    std::string bytes_;
    std::filesystem::path file_;
    yum::YumInspector inspector_{core::Cache(scratch_ / "cache"), workshop::cells()};
};

TEST(PackageFacts, OfAnOrdinaryRpmAreNone) {
    const std::vector<OneFile> files{
        {"/usr/bin/", "forged", 0100755},
        {"/var/lib/", "forged", 042755},  // a directory that hands its group on
        {"/run/", "forged.pid", 0104755, 64}};
    Header header = with_files(files);
    provide(header, {"forged", "forged(x86-64)", "libforged.so.1()(64bit)"});
    relate(header, tag::require_name, tag::require_flags, tag::require_version,
           {"glibc", "rpmlib(CompressedFileNames)"});
    EXPECT_THAT(Forged(header, files).remarks(), IsEmpty());
    for (const auto& file : workshop::sound_packages()) {
        const auto found = workshop::read(file);
        EXPECT_THAT(found.package.remarks, IsEmpty()) << file;
        EXPECT_THAT(found.warnings, IsEmpty()) << file;
    }
}

TEST(PackageFacts, AreFilesThatRunAsSomebodyElse) {
    const std::vector<OneFile> files{{"/usr/bin/", "user", 0104755},
                                     {"/usr/bin/", "group", 0102755},
                                     {"/usr/bin/", "plain", 0100755},
                                     {"/usr/bin/", "link", 0120777},
                                     {"/usr/bin/", "capable", 0100755}};
    Header header = with_files(files);
    header.texts(tag::file_capabilities, {"", "", "", "", "cap_net_raw=ep"});
    EXPECT_EQ(
        Forged(header, files).remarks(),
        (core::Remarks{{"set-id-file", {"/usr/bin/user", "/usr/bin/group", "/usr/bin/capable"}}}));
}

TEST(PackageFacts, AreFilesInUnusualPlaces) {
    const std::vector<OneFile> files{{"/root/.ssh/", "authorized_keys"},
                                     {"/opt/forged/", "x"},
                                     {"/usrlocal/", "x"},
                                     {"/", "x"},
                                     {"/etc/dnf/protected.d/", "forged.conf"}};
    const Header header = with_files(files);
    EXPECT_EQ(Forged(header, files).remarks(),
              (core::Remarks{{"unusual-place", {"/root/.ssh/authorized_keys", "/usrlocal/x", "/x"}},
                             {"protected", {"/etc/dnf/protected.d/forged.conf"}}}));
    core::InspectionRule rule;
    rule.remarks.usual_places = {"/root", "/usrlocal", "/etc", "/x"};
    EXPECT_EQ(Forged(header, files).remarks(rule).front(),
              (core::Remark{"unusual-place", {"/opt/forged/x"}}));
}

TEST(PackageFacts, AreClaimsToBePackagesOfTheSystem) {
    Header header = forged::minimal();
    provide(header, {"forged", "glibc(x86-64)", "glibc", "libc.so.6(GLIBC_2.34)(64bit)"});
    relate(header, tag::conflict_name, tag::conflict_flags, tag::conflict_version,
           {"(sudo with other)", "unknown"});
    relate(header, tag::obsolete_name, tag::obsolete_flags, tag::obsolete_version, {"openssl"});
    relate(header, tag::supplement_name, tag::supplement_flags, tag::supplement_version, {"bash"});
    EXPECT_EQ(Forged(header).remarks(),
              (core::Remarks{{"base-relation",
                              {"Provides: glibc", "Provides: libc.so.6", "Obsoletes: openssl",
                               "Conflicts: sudo", "Supplements: bash"}}}));
    core::InspectionRule rule;
    rule.remarks.base_packages = {"forged", "other"};
    EXPECT_EQ(Forged(header).remarks(rule),
              (core::Remarks{{"base-relation", {"Name: forged", "Conflicts: other"}}}));
}

TEST(PackageFacts, OfThousandsAreCounted) {
    std::vector<OneFile> files;
    for (int i = 0; i < 1000; ++i) files.push_back({"/home/", std::to_string(i)});
    const core::Remarks remarks = Forged(with_files(files), files).remarks();
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_EQ(remarks[0].of.size(), core::most_remarked);
    EXPECT_EQ(remarks[0].more, 1000 - core::most_remarked);
}

TEST(RenderedSize, IsWhatAPackageMayAddToPrimary) {
    const auto described = [](std::size_t size) {
        Header header = forged::minimal();
        header.text(tag::description, std::string(size, '&'));
        return Forged(header);
    };
    EXPECT_EQ(described(200'000).refusal(), "");
    const std::string refusal = described(3'000'000).refusal();
    EXPECT_THAT(refusal,
                testing::StartsWith("package-limit: its entry in primary would have 15000"));
    EXPECT_THAT(refusal, HasSubstr("at most 1 MiB are published"));
    EXPECT_THAT(refusal, HasSubstr("have primary_mb raised in [line.limits]"));
    core::InspectionRule more;
    more.limits.primary_mb = 15;
    EXPECT_EQ(described(3'000'000).refusal(more), "");
    // By what is around the texts, which is known when it is written.
    const std::string all = described(1000).fragments().at(0);
    const std::size_t around = all.size() - 5 * 1000;
    EXPECT_THAT(described((1 << 20) / 5 - around / 10).refusal(), HasSubstr("primary_mb"));
}

TEST(RenderedSize, CountsRelationsAndFiles) {
    std::vector<std::string> names;
    std::vector<OneFile> files;
    for (int i = 0; i < 20'000; ++i) {
        names.push_back("<<<<<<<<<<<" + std::to_string(i));
        files.push_back({"/usr/share/" + std::string(80, '&') + "/", std::to_string(i)});
    }
    Header header = forged::minimal();
    EXPECT_THAT(Forged(provide(header, names)).refusal(), HasSubstr("primary_mb"));
    const Forged other(with_files(files), files);
    core::InspectionRule rule;
    EXPECT_EQ(other.refusal(rule), "");
    rule.limits.filelists_mb = 8;
    EXPECT_THAT(other.refusal(rule),
                testing::StartsWith("package-limit: its entry in filelists would have 8"));
}

TEST(RenderedSize, OfWhatStandsIsNotJudgedAgain) {
    Header header = forged::minimal();
    header.text(tag::description, std::string(3'000'000, '&'));
    EXPECT_GT(Forged(header).fragments().at(0).size(), 15'000'000u);
}

TEST(RenderedSize, CutsOlderChangesSoThatOtherFits) {
    Header header = forged::minimal();
    log(header, {"A <a@b.c> - 3", "B <a@b.c> - 2", "C <a@b.c> - 1"},
        {"- newest", std::string(100'000, '&'), std::string(150'000, '<')});
    const Forged package(header);
    const core::Inspection found = package.inspect();
    ASSERT_EQ(found.warnings.size(), 1u);
    EXPECT_EQ(found.warnings[0].code, "changelog-cut");
    EXPECT_THAT(found.warnings[0].message, HasSubstr("the 1 oldest"));
    const shards::Fragments kept = package.fragments();
    EXPECT_THAT(kept.at(2), HasSubstr("- newest"));
    EXPECT_THAT(kept.at(2), HasSubstr("author=\"B &lt;a@b.c&gt; - 2\""));
    EXPECT_THAT(kept.at(2), testing::Not(HasSubstr("author=\"C ")));
    EXPECT_EQ(package.fragments_without_cache(), kept);
}

TEST(RenderedSize, OfOtherIsBoundedWhateverTheChangesAre) {
    const std::vector<std::string> units{
        "&", "\"", "\n", "\xE9", "é", "\xE0\xA0", "\xF0\x9D\x84\x9E", "x", "\r\n", "\t", "\xFF"};
    for (const std::string& unit : units) {
        std::string text;
        while (text.size() < 60'000) text += unit;
        Header header = forged::minimal();
        log(header, std::vector<std::string>(11, text), std::vector<std::string>(11, text));
        const Forged package(header);
        EXPECT_EQ(package.inspect().warnings.size(), 1u) << core::sha256(unit).hex();
        const std::string other = package.fragments().at(2);
        EXPECT_LE(other.size(), yum::largest_other) << core::sha256(unit).hex();
        EXPECT_THAT(other.substr(0, 10000), HasSubstr("<changelog "));
    }
}

TEST(RenderedSize, LeavesOrdinaryChangeLogsWhole) {
    Header header = forged::minimal();
    log(header, std::vector<std::string>(12, "A <a@b.c> - 3"),
        std::vector<std::string>(12, std::string(90'000, 'x')));
    const Forged package(header);
    EXPECT_THAT(package.inspect().warnings, IsEmpty());
    const std::string other = package.fragments().at(2);
    EXPECT_GT(other.size(), 900'000u);
}

}  // namespace
