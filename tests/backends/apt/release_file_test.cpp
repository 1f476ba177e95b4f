// SPDX-License-Identifier: GPL-3.0-or-later
// The Release file, written and read back.
#include "backends/apt/release_file.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

core::Composition example() {
    const Workshop workshop;
    core::Composition composition = composition_of(workshop.backend(), {});
    composition.date = core::parse_time("2026-11-22T14:48:57Z");
    composition.valid_until = core::parse_time("2026-11-29T14:48:57Z");
    return composition;
}

const apt::Listed some_file{"main/binary-amd64/Packages", 0, core::sha256("")};

}  // namespace

TEST(ReleaseFile, SaysWhatSitesPinOn) {
    EXPECT_EQ(apt::release_text(example(), {some_file}),
              "Origin: EGI\n"
              "Label: UMD 5\n"
              "Suite: production\n"
              "Codename: umd5\n"
              "Date: Sun, 22 Nov 2026 14:48:57 UTC\n"
              "Valid-Until: Sun, 29 Nov 2026 14:48:57 UTC\n"
              "Acquire-By-Hash: yes\n"
              "Architectures: amd64 arm64\n"
              "Components: main\n"
              "Description: UMD 5 production for debian12\n"
              "SHA256:\n"
              " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855          0 "
              "main/binary-amd64/Packages\n");
}

TEST(ReleaseFile, OfAStageThatIsNotEnabledOffersNothingByItself) {
    core::Composition composition = example();
    composition.stage.enabled = false;
    const auto release = apt::parse_release(apt::release_text(composition, {some_file}));
    EXPECT_EQ(release.fields.at("NotAutomatic"), "yes");
    EXPECT_EQ(release.fields.at("ButAutomaticUpgrades"), "yes");
}

TEST(ReleaseFile, OfHostileTitlesHasNoFurtherFields) {
    core::Composition composition = example();
    composition.origin = "EGI\nSuite: evil";
    composition.line.title = "x\n\nPackage: evil";
    const auto release = apt::parse_release(apt::release_text(composition, {some_file}));
    EXPECT_EQ(release.fields.at("Suite"), "production");
}

TEST(ReleaseFile, ComesBackAsItWasWritten) {
    const auto release = apt::parse_release(apt::release_text(example(), {some_file}));
    ASSERT_EQ(release.listed.size(), 1u);
    EXPECT_EQ(release.listed[0].path, some_file.path);
    EXPECT_EQ(release.listed[0].digest, some_file.digest);
    EXPECT_EQ(apt::parse_rfc2822(release.fields.at("Date")), example().date);
}

TEST(ReleaseFile, OfAnotherFormIsAnError) {
    const std::string hash = core::sha256("").hex();
    for (const std::string& text :
         {std::string(), std::string("A: b\n"), std::string("A: b\nA: c\nSHA256:\n"),
          std::string("SHA256:\nA: b\n"), "SHA256:\n " + hash + " x y\n",
          "SHA256:\n " + hash + " 1\n", "SHA256:\n " + hash + " 1 ../../etc/passwd\n",
          "SHA256:\n " + hash + " 1 /etc/passwd\n", "SHA256:\n " + hash + " 1 Packages"}) {
        EXPECT_THROW(apt::parse_release(text), core::Error) << text;
    }
    for (const char* text : {"", "Mon, 22 Nov 2026 14:48:57 UTC", "Sun, 22 Nov 2026 14:48:57 GMT",
                             "Sun, 22 Nov 2026 14:48:57 UTC and more"}) {
        EXPECT_THROW(apt::parse_rfc2822(text), core::Error) << text;
    }
}
