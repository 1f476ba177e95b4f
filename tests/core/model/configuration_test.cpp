// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "tests/core/expect.hpp"

namespace core_test {
namespace {

using core::Configuration;
using core::parse_configuration;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string least = R"(
[[line]]
name = "umd5"
[[platform]]
name = "el9"
format = "yum"
architectures = ["x86_64"]
)";

std::string error_of(const std::string& text) {
    try {
        parse_configuration(text, "sluice.toml");
    } catch (const core::Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(Configuration, HasDefaultsForAllButLinesAndPlatforms) {
    const Configuration configuration = parse_configuration(least, "sluice.toml");
    EXPECT_EQ(configuration.origin, "sluice");
    EXPECT_EQ(configuration.public_url, "");
    EXPECT_EQ(configuration.keep_generations, std::chrono::hours(72));
    EXPECT_EQ(configuration.keep_metadata, std::chrono::hours(72));
    EXPECT_EQ(configuration.keep_packages, std::chrono::hours(168));
    EXPECT_EQ(configuration.valid_for, std::chrono::days(14));
    EXPECT_EQ(configuration.lines.front(),
              (core::Line{"umd5", "umd5", core::SignaturePolicy::require, false}));
    EXPECT_THAT(configuration.platforms.front().components, ElementsAre("main"));
    EXPECT_EQ(configuration.stages, core::default_stages());
    EXPECT_EQ(configuration.entry_stage().name, "unverified");
    EXPECT_EQ(configuration.archive_stage().name, "deprecated");
}

TEST(Configuration, TakesEverySetting) {
    const Configuration configuration = parse_configuration(R"(
origin = "UMD"
base_packages = ["libc6", "linux-*"]
public_url = "https://repo.example.org/umd//"
valid_days = 7
[signing]
key = "ABCD"
home = "gnupg"
[keep]
generations_hours = 1
metadata_hours = 2
packages_hours = 3
[bundle.limits]
members = 7
unpacked_mb = 8
[[line]]
name = "umd5"
title = "UMD 5"
signatures = "allow-unsigned"
foreign_references = "keep"
limits = { files = 1000000, primary_mb = 2 }
usual_places = ["/opt"]
[[platform]]
name = "debian12"
format = "apt"
architectures = ["amd64", "arm64"]
aliases = ["Bookworm"]
dist_tags = ["~deb12"]
components = ["main", "contrib"]
xz = true
contents = true
[[stage]]
name = "in"
entry = true
rejectable = true
[[stage]]
name = "out"
from = ["in"]
emergency_from = ["in"]
enabled = true
refuse = ["essential", "important", "protected", "base-relation", "set-id-file", "unusual-place",
          "epoch-jump"]
[[stage]]
name = "attic"
from = ["out"]
archive = true
)",
                                                            "sluice.toml");
    EXPECT_EQ(configuration.origin, "UMD");
    EXPECT_EQ(configuration.public_url, "https://repo.example.org/umd");
    EXPECT_EQ(configuration.valid_for, std::chrono::days(7));
    EXPECT_EQ(configuration.signing_key, "ABCD");
    EXPECT_EQ(configuration.signing_home, "gnupg");
    EXPECT_EQ(configuration.keep_generations, std::chrono::hours(1));
    EXPECT_EQ(configuration.keep_metadata, std::chrono::hours(2));
    EXPECT_EQ(configuration.keep_packages, std::chrono::hours(3));
    EXPECT_EQ(configuration.line("umd5").title, "UMD 5");
    EXPECT_EQ(configuration.line("umd5").signatures, core::SignaturePolicy::allow_unsigned);
    EXPECT_TRUE(configuration.line("umd5").keep_foreign_references);
    core::BundleLimits bundle_limits;
    bundle_limits.members = 7;
    bundle_limits.unpacked_mb = 8;
    EXPECT_EQ(configuration.bundle_limits, bundle_limits);
    core::PackageLimits limits;
    limits.files = 1'000'000;
    limits.primary_mb = 2;
    EXPECT_EQ(configuration.line("umd5").limits, limits);
    EXPECT_THAT(configuration.line("umd5").usual_places, ElementsAre("/opt"));
    EXPECT_THAT(configuration.base_packages, ElementsAre("libc6", "linux-*"));
    const core::Platform& platform = configuration.platform("debian12");
    EXPECT_EQ(platform, (core::Platform{"debian12",
                                        "apt",
                                        {"amd64", "arm64"},
                                        {"Bookworm"},
                                        {"~deb12"},
                                        {"main", "contrib"},
                                        true,
                                        true}));
    EXPECT_TRUE(platform.answers_to("DEBIAN12"));
    EXPECT_TRUE(platform.answers_to("bookworm"));
    EXPECT_FALSE(platform.answers_to("book"));
    ASSERT_EQ(configuration.stages.size(), 3u);
    EXPECT_EQ(configuration.stage("out"),
              (core::Stage{"out",
                           {"in"},
                           {"in"},
                           false,
                           true,
                           false,
                           false,
                           {"essential", "important", "protected", "base-relation", "set-id-file",
                            "unusual-place", "epoch-jump"}}));
    EXPECT_EQ(configuration.entry_stage().name, "in");
    EXPECT_TRUE(configuration.entry_stage().rejectable);
    EXPECT_EQ(configuration.archive_stage().name, "attic");
}

TEST(Configuration, TakesProviders) {
    const Configuration configuration = parse_configuration(least + R"(
[[provider]]
name = "lumen"
keys = ["0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567", "lumen.asc"]
people = ["ada", "group:lumen"]
products = ["lantern*"]
packages = ["lantern*", "canl"]
lines = ["umd5"]
[[provider]]
name = "umbra"
)",
                                                            "sluice.toml");
    ASSERT_EQ(configuration.providers.size(), 2u);
    EXPECT_EQ(configuration.providers.front(),
              (core::Provider{"lumen",
                              {"0123456789ABCDEF0123456789ABCDEF01234567"},
                              {"lumen.asc"},
                              {"ada", "group:lumen"},
                              {"lantern*"},
                              {"lantern*", "canl"},
                              {"umd5"}}));
    core::Provider any;
    any.name = "umbra";
    EXPECT_EQ(configuration.providers.back(), any);
    EXPECT_TRUE(any.takes_product("x") && any.takes_package("x") && any.takes_line("x"));
}

TEST(Configuration, NamesEveryBadSetting) {
    struct Case {
        const char* text;
        const char* expected;
    };
    for (
        const auto& [text, expected] : {
            Case{"origin = 1", "origin must be a text"},
            {"origin = ''", "origin must be one line"},
            {"origin = \"a\\nb\"", "origin must be one line"},
            {"public_url = 'repo.example.org'", "public_url must be a URL"},
            {"public_url = 'https://a b'", "public_url must be a URL"},
            {"public_url = 'https://a/?b=c'", "public_url must be a URL"},
            {"public_url = 'https://a/#b'", "public_url must be a URL"},
            {"public_url = \"https://a\\u0000\"", "public_url must be a URL"},
            {"valid_days = 0", "valid_days must be a number from 1 to 100000"},
            {"valid_days = 100001", "valid_days must be a number"},
            {"valid_days = '7'", "valid_days must be a whole number"},
            {"valid_days = 1.5", "valid_days must be a whole number"},
            {"keep = 1", "keep must be a table"},
            {"[keep]\ngenerations_hours = -1", "keep.generations_hours must be a number"},
            {"[keep]\nmetadata_hours = true", "keep.metadata_hours must be a whole number"},
            {"[keep]\npackages_hours = 0", "keep.packages_hours must be a number"},
            {"[keep]\nhours = 1", "keep.hours: there is no such setting (line 2)"},
            {"[signing]\nkey = 1", "signing.key must be a text"},
            {"[signing]\nhome = []", "signing.home must be a text"},
            {"[signing]\nkeys = 'a'", "signing.keys: there is no such setting"},
            {"orgin = 'x'", "orgin: there is no such setting (line 1)"},
            {"stage = [1]", "stage must be written as [[stage]]"},
            {"[[provider]]", "provider.name must be a name"},
            {"[[provider]]\nname = 'a'\nkey = 'b'", "provider.key: there is no such setting"},
            {"[[provider]]\nname = 'a'\nkeys = ['ABCD']", "provider.keys must be a list of fing"},
            {"[[provider]]\nname = 'a'\nkeys = ['../a.asc']", "provider.keys must be"},
            {"[[provider]]\nname = 'a'\npeople = ['group:']", "provider.people must be"},
            {"[[provider]]\nname = 'a'\nproducts = []", "provider.products must be a list of at"},
            {"[[provider]]\nname = 'a'\npackages = ['']", "provider.packages must be a list of at"},
            {"[[provider]]\nname = 'a'\nlines = ['umd9']", "there is no line called 'umd9'"},
            {"[[provider]]\nname = 'a'\n[[provider]]\nname = 'a'", "there are two providers"},
            {"[[line]]", "line.name must be a name"},
            {"[[line]]\nname = 'UMD'", "line.name must be a name of small letters"},
            {"[[line]]\nname = '../x'", "line.name must be a name"},
            {"[[line]]\nname = 'x'\ntitle = \"a\\u001b\"", "line.title must be one line"},
            {"[[line]]\nname = 'x'\nsignatures = 'no'", "line.signatures must be \"require\""},
            {"[[line]]\nname = 'x'\ncolour = 'red'", "line.colour: there is no such setting"},
            {"[[line]]\nname = 'umd5'", "there are two lines called 'umd5'"},
            {"[[line]]\nname = 'releases'", "a line cannot be called 'releases'"},
            {"[[platform]]\nname = 'x'", "platform.format must be \"yum\" or \"apt\""},
            {"[[platform]]\nname = 'x'\nformat = 'zip'", "platform.format must be"},
            {"[[platform]]\nname = 'x'\nformat = 'yum'", "platform.architectures must be a list"},
            {"[[platform]]\nname = 'x'\nformat = 'yum'\narchitectures = [1]",
             "platform.architectures must be a list of texts"},
            {"[[platform]]\nname = 'x'\nformat = 'yum'\narchitectures = ['a/b']",
             "platform.architectures must be a list of plain names"},
            {"[[platform]]\nname = 'x'\nformat = 'apt'\narchitectures = ['a']\ncomponents = []",
             "platform.components must be"},
            {"[[platform]]\nname = 'x'\nformat = 'apt'\narchitectures = ['a']\ncomponents = ['..']",
             "platform.components must be a list of plain names"},
            {"[[platform]]\nname = 'x'\nformat = 'yum'\narchitectures = ['a']\ndist_tags = ['']",
             "platform.dist_tags must be a list of texts that are not empty"},
            {"[[platform]]\nname = 'x'\nformat = 'yum'\narchitectures = ['a']\nxz = 1",
             "platform.xz must be true or false"},
            {"[[platform]]\nname = 'el9'\nformat = 'yum'\narchitectures = ['a']",
             "there are two platforms called 'el9'"},
            {"[[platform]]\nname = 'releases'\nformat = 'yum'\narchitectures = ['a']",
             "a platform cannot be called 'releases'"},
            {"[[stage]]\nname = 'a'\nentry = true", "exactly one [[stage]] must have archive"},
            {"[[stage]]\nname = 'a'\narchive = true", "exactly one [[stage]] must have entry"},
            {"[[stage]]\nname = 'a'\narchive = true\nentry = true", "cannot have archive = true"},
            {"[[stage]]\nname = 'a'\nentry = true\n[[stage]]\nname = 'b'\nentry = true",
             "exactly one [[stage]] must have entry"},
            {"[[stage]]\nname = 'a'\nentry = true\n[[stage]]\nname = 'a'\narchive = true",
             "there are two stages called 'a'"},
            {"[[stage]]\nname = 'a'\nentry = true\n[[stage]]\nname = 'keys'\narchive = true",
             "a stage cannot be called 'keys'"},
            {"[[stage]]\nname = 'a'\nentry = true\n[[stage]]\nname = 'b'\narchive = true\nfrom = "
             "['c']",
             "there is no stage called 'c'; known are: a, b"},
            {"[[stage]]\nname = 'a'\nentry = true\n[[stage]]\nname = 'b'\narchive = true\n"
             "emergency_from = ['c']",
             "there is no stage called 'c'"},
            {"[[stage]]\nname = 'a'\nfrom = 'b'", "stage.from must be a list of texts"},
            {"[[stage]]\nname = 'a'\nrejectable = 'yes'", "stage.rejectable must be true or false"},
            {"[[stage]]\nname = 'a'\nrefuse = ['set-id']",
             "stage.refuse must be a list of: essential, important, protected, base-relation"},
            {"base_packages = 'libc6'", "base_packages must be a list of texts"},
            {"[[line]]\nname = 'x'\nusual_places = ['opt']", "line.usual_places must be a list of"},
            {"[[line]]\nname = 'x'\nusual_places = ['/opt/']", "line.usual_places must be a list"},
            {"[[line]]\nname = 'x'\nlimits = { other_mb = 2 }",
             "line.limits.other_mb: there is no"},
        }) {
        EXPECT_THAT(error_of(text + least),
                    AllOf(testing::StartsWith("sluice.toml: "), HasSubstr(expected)))
            << text;
    }
    EXPECT_THAT(error_of("line = 'umd5'"), HasSubstr("line must be written as [[line]]"));
    EXPECT_THAT(error_of("origin = 'x'"), HasSubstr("there is no [[line]]"));
    EXPECT_THAT(error_of("[[line]]\nname = 'x'"), HasSubstr("there is no [[platform]]"));
}

TEST(Configuration, WhatIsNoTomlIsToldWithItsPlace) {
    EXPECT_THAT(error_of("origin = \n"), HasSubstr("sluice.toml:1:"));
    EXPECT_THAT(error_of("a = 1\na = 2\n"), HasSubstr("sluice.toml:2:"));
    EXPECT_THAT(error_of("\xff"), HasSubstr("sluice.toml:1:"));
}

TEST(Configuration, RefusesANameThatNothingHas) {
    const Configuration configuration = parse_configuration(least, "sluice.toml");
    EXPECT_REFUSED(configuration.line("umd6"), core::reason::unknown_line);
    EXPECT_REFUSED(configuration.platform("el8"), core::reason::unknown_platform);
    EXPECT_REFUSED(configuration.stage("\x1b"), core::reason::unknown_stage);
}

TEST(Configuration, OfANewDepotIsReadAsItWasChosen) {
    for (const auto policy :
         {core::SignaturePolicy::require, core::SignaturePolicy::allow_unsigned}) {
        const Configuration configuration = parse_configuration(
            core::new_configuration({"umd5", "https://repo.example.org", "ABCD", "gnupg", policy}),
            "sluice.toml");
        EXPECT_EQ(configuration.lines.front().name, "umd5");
        EXPECT_EQ(configuration.lines.front().signatures, policy);
        EXPECT_EQ(configuration.public_url, "https://repo.example.org");
        EXPECT_EQ(configuration.signing_key, "ABCD");
        EXPECT_EQ(configuration.signing_home, "gnupg");
        EXPECT_EQ(configuration.platforms.size(), 2u);
        EXPECT_EQ(configuration.stages, core::default_stages());
    }
}

TEST(Configuration, PlainNamesAreSafeInPathsAndUrls) {
    for (const char* good : {"a", "el9", "x86_64", "stage-rollout", "9.1"}) {
        EXPECT_TRUE(core::is_plain_name(good)) << good;
    }
    for (const std::string& bad :
         {std::string(), std::string(65, 'a'), std::string("."), std::string(".."),
          std::string("-a"), std::string("_a"), std::string("a/b"), std::string("A"),
          std::string("a b"), std::string("a\0b", 3), std::string("é")}) {
        EXPECT_FALSE(core::is_plain_name(bad)) << bad;
    }
}

}  // namespace
}  // namespace core_test
