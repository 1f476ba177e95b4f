// SPDX-License-Identifier: GPL-3.0-or-later
// Which package is meant for which platform, and whether the descriptor's list is that of the
// bundle: what providers really did.
#include "core/model/targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/reason.hpp"

namespace core_test {
namespace {

using core::BundledPackage;
using core::Descriptor;
using core::ListedPackage;
using core::Report;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::Configuration configuration() {
    return core::parse_configuration(R"(
[[line]]
name = "umd5"
[[platform]]
name = "el9"
format = "yum"
architectures = ["x86_64"]
aliases = ["SL9", "rocky9"]
dist_tags = [".el9"]
[[platform]]
name = "el8"
format = "yum"
architectures = ["x86_64"]
aliases = ["SL8"]
dist_tags = [".el8"]
[[platform]]
name = "debian12"
format = "apt"
architectures = ["amd64"]
aliases = ["bookworm"]
dist_tags = ["~deb12"]
)",
                                     "sluice.toml");
}

BundledPackage rpm(const std::string& bundled_name, const std::string& release = "1",
                   const std::string& name = "argus", const std::string& version = "1.7.3") {
    BundledPackage bundled;
    bundled.name = bundled_name;
    bundled.format = "yum";
    bundled.package.format = "rpm";
    bundled.package.name = name;
    bundled.package.version = version;
    bundled.package.release = release;
    bundled.package.architecture = "x86_64";
    return bundled;
}

ListedPackage listed(const std::string& name, const std::string& version,
                     const std::string& release = {}, const std::string& platform = {},
                     const std::string& architecture = {}) {
    return {name, version, release, architecture, platform, {}, {}, 0};
}

/// The platform that is found for a single package, or the code of the problem.
std::string found(const BundledPackage& bundled, const Descriptor& descriptor = {}) {
    std::vector packages{bundled};
    const Report report = core::assign_platforms(configuration(), descriptor, packages);
    if (report.empty()) return packages.front().package.platform;
    EXPECT_EQ(packages.front().package.platform, "");
    EXPECT_FALSE(report.front().remedy.empty());
    return report.front().code;
}

TEST(Targets, TheDirectoryDecidesByNameOrAlias) {
    EXPECT_EQ(found(rpm("el9/x86_64/argus.rpm")), "el9");
    EXPECT_EQ(found(rpm("x/SL8/argus.rpm")), "el8");
    EXPECT_EQ(found(rpm("ROCKY9/argus.rpm")), "el9");
    EXPECT_EQ(found(rpm("el9/el9/argus.rpm")), "el9");
}

TEST(Targets, TheFilesOwnNameIsNoDirectory) {
    EXPECT_EQ(found(rpm("el9")), "platform-unknown");
}

TEST(Targets, TheTagDecidesWhereNothingElseDoes) {
    EXPECT_EQ(found(rpm("argus.rpm", "1.el9")), "el9");
    EXPECT_EQ(found(rpm("argus.rpm", "1.el9_4.2")), "el9");
    EXPECT_EQ(found(rpm("argus.rpm", "1.el95")), "platform-unknown");
    EXPECT_EQ(found(rpm("el8/argus.rpm", "1.el9")), "el8") << "the directory comes first";
    BundledPackage deb = rpm("argus.deb", "1~deb12u1");
    deb.format = "apt";
    EXPECT_EQ(found(deb), "debian12");
    deb.package.release.clear();
    deb.package.version = "1.7.3~deb12";
    EXPECT_EQ(found(deb), "debian12") << "a native package has no revision";
}

TEST(Targets, WhatIsDoubtfulIsRefusedAndNotGuessed) {
    EXPECT_EQ(found(rpm("argus.rpm")), "platform-unknown");
    EXPECT_EQ(found(rpm("el8/el9/argus.rpm")), "platform-ambiguous");
    EXPECT_EQ(found(rpm("argus.rpm", "1.el8.el9")), "platform-ambiguous");
    EXPECT_EQ(found(rpm("debian12/argus.rpm")), "platform-unknown") << "it takes no RPMs";
}

TEST(Targets, TheDescriptorsEntryForThePackageComesFirst) {
    Descriptor descriptor;
    descriptor.packages = {listed("argus", "1.7.3", "1", "sl8"), listed("other", "1", "", "el9")};
    EXPECT_EQ(found(rpm("el9/argus.rpm", "1"), descriptor), "el8");
    descriptor.packages.push_back(listed("argus", "1.7.3", "1", "el9"));
    EXPECT_EQ(found(rpm("el9/argus.rpm", "1"), descriptor), "el9")
        << "listed for two platforms: the directory decides";
}

TEST(Targets, ADescriptorOfOnePlatformIsMeantForIt) {
    Descriptor descriptor;
    descriptor.platforms = {"SL9", "bookworm"};
    EXPECT_EQ(found(rpm("argus.rpm"), descriptor), "el9") << "the only one that takes RPMs";
    descriptor.platforms = {"SL9", "SL8"};
    EXPECT_EQ(found(rpm("argus.rpm"), descriptor), "platform-unknown");
    EXPECT_EQ(found(rpm("argus.rpm", "1.el8"), descriptor), "el8");
}

TEST(Targets, APlatformNobodyConfiguredIsRefused) {
    for (const char* unknown : {"centos88", "SL5", "\x1b"}) {
        Descriptor descriptor;
        descriptor.platforms = {unknown};
        std::vector packages{rpm("el9/argus.rpm")};
        const Report report = core::assign_platforms(configuration(), descriptor, packages);
        ASSERT_EQ(report.size(), 1u);
        EXPECT_EQ(report.front().code, core::reason::platform_unknown);
        EXPECT_THAT(report.front().remedy, HasSubstr("el9, el8, debian12"));
    }
    Descriptor any;
    any.platforms = {"any", ""};
    EXPECT_EQ(found(rpm("el9/argus.rpm"), any), "el9");
}

Descriptor listing(std::vector<ListedPackage> packages) {
    Descriptor descriptor;
    descriptor.lists_packages = true;
    descriptor.packages = std::move(packages);
    return descriptor;
}

TEST(Listing, OfARevisionThatListsNoFilesIsNotCompared) {
    Descriptor descriptor = listing({listed("other", "1")});
    descriptor.lists_packages = false;
    EXPECT_THAT(core::compare_with_listing(descriptor, {rpm("argus.rpm")}), IsEmpty());
    EXPECT_THAT(core::compare_with_listing(listing({}), {rpm("argus.rpm")}), IsEmpty());
}

TEST(Listing, ThatIsTheBundleIsFine) {
    EXPECT_THAT(core::compare_with_listing(
                    listing({listed("argus", "1.7.3", "1"), listed("canl", "2", "", "", "noarch")}),
                    {rpm("a", "1"), rpm("c", "", "canl", "2")}),
                IsEmpty());
}

TEST(Listing, VersionsMayBeCutAtAnyPlace) {
    for (const auto& [version, release] :
         {std::pair("1.2.3-4", ""), {"1.2.3", "4"}, {"1.2.3", ""}, {"0:1.2.3", "4"}}) {
        BundledPackage package = rpm("a", "4", "argus", "1.2.3");
        package.package.epoch = "0";
        EXPECT_THAT(
            core::compare_with_listing(listing({listed("argus", version, release)}), {package}),
            IsEmpty())
            << version;
    }
    EXPECT_THAT(core::compare_with_listing(listing({listed("argus", "1.2", "3-4")}),
                                           {rpm("a", "4", "argus", "1.2.3")}),
                testing::SizeIs(1));
}

TEST(Listing, AForgottenPackageIsNamed) {
    // A minor release forgot packages and broke an installation.
    const Report report = core::compare_with_listing(
        listing({listed("argus", "1.7.3", "1"), listed("argus-pep", "1.7.3", "1", "", "x86_64")}),
        {rpm("el9/argus.rpm", "1")});
    ASSERT_EQ(report.size(), 1u);
    EXPECT_EQ(report.front().code, core::reason::set_mismatch);
    EXPECT_EQ(report.front().message, "listed but not handed in: argus-pep-1.7.3-1.x86_64");
}

TEST(Listing, APackageThatWasRefusedIsNotMissing) {
    core::Problem unsigned_package;
    unsigned_package.where = "el9/argus-pep-1.7.3-1.el9.x86_64.rpm";
    core::Problem corrupt;
    corrupt.where = "deb12/canl_2.1-1_all.deb";
    const core::Descriptor descriptor = listing(
        {listed("argus-pep", "0:1.7.3", "1"), listed("canl", "2.1"), listed("argus", "1.7.3")});
    const Report report = core::compare_with_listing(descriptor, {}, {unsigned_package, corrupt});
    ASSERT_EQ(report.size(), 1u);
    EXPECT_EQ(report.front().message, "listed but not handed in: argus-1.7.3");
}

TEST(Listing, APackageNobodyListedIsNamed) {
    const Report report = core::compare_with_listing(
        listing({listed("argus", "1.7.3", "1")}), {rpm("a", "1"), rpm("el9/x.rpm", "2", "extra")});
    ASSERT_EQ(report.size(), 1u);
    EXPECT_EQ(report.front().message, "handed in but not listed: extra-1.7.3-2.x86_64 (el9/x.rpm)");
}

TEST(Listing, APackageOfAnotherVersionIsOnBothLists) {
    // A package named fts3.13.4 contained 3.13.2.
    const Report report = core::compare_with_listing(listing({listed("fts", "3.13.4", "1")}),
                                                     {rpm("fts3.13.4.rpm", "1", "fts", "3.13.2")});
    ASSERT_EQ(report.size(), 1u);
    EXPECT_THAT(report.front().message,
                AllOf(HasSubstr("listed but not handed in: fts-3.13.4-1"),
                      HasSubstr("handed in but not listed: fts-3.13.2-1.x86_64")));
    EXPECT_THAT(report.front().remedy, HasSubstr("names and versions"));
}

TEST(Listing, OneFileListedTwiceIsFine) {
    EXPECT_THAT(core::compare_with_listing(
                    listing({listed("argus", "1.7.3", "1"), listed("argus", "1.7.3", "1")}),
                    {rpm("a", "1")}),
                IsEmpty());
}

TEST(Listing, AnotherArchitectureIsNotThisOne) {
    EXPECT_THAT(core::compare_with_listing(listing({listed("argus", "1.7.3", "1", "", "aarch64")}),
                                           {rpm("a", "1")}),
                testing::SizeIs(1));
    EXPECT_THAT(core::compare_with_listing(listing({listed("argus", "1.7.3", "1", "", "any")}),
                                           {rpm("a", "1")}),
                IsEmpty());
}

TEST(Listing, OfThousandsIsComparedAtOnce) {
    std::vector<ListedPackage> entries;
    std::vector<BundledPackage> packages;
    for (int i = 0; i < 20'000; ++i) {
        const std::string name = "package-" + std::to_string(i);
        entries.push_back(listed(name, "1", "1"));
        packages.push_back(rpm("el9/" + name, "1", name, "1"));
    }
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(core::compare_with_listing(listing(entries), packages), IsEmpty());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace core_test
