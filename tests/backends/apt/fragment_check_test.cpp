// SPDX-License-Identifier: GPL-3.0-or-later
// What a cell says of a package is believed as far as it says it of that package.
#include "backends/apt/fragment_check.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

class StanzaCheck : public testing::Test {
  protected:
    bool passes(const shards::Fragments& fragments) const {
        try {
            apt::check_fragments(fragments, answer.package);
            return true;
        } catch (const core::Refused&) {
            return false;
        }
    }

    bool passes_changed(const std::string& from, const std::string& to) const {
        shards::Fragments fragments = answer.fragments;
        const std::size_t at = fragments[0].find(from);
        EXPECT_NE(at, std::string::npos) << from;
        fragments[0].replace(at, from.size(), to);
        return passes(fragments);
    }

    const Workshop workshop;
    const std::filesystem::path file = workshop.build("argus", "2:1.7-1", "amd64");
    const core::Inspection answer = read(file, core::sha256_file(file));
};

TEST_F(StanzaCheck, TakesWhatThePackageSays) {
    EXPECT_TRUE(passes(answer.fragments));
}

TEST_F(StanzaCheck, RefusesWhatSpeaksOfAnotherPackage) {
    EXPECT_FALSE(passes_changed("Package: argus", "Package: argos"));
    EXPECT_FALSE(passes_changed("Version: 2:1.7-1", "Version: 2:1.7-2"));
    EXPECT_FALSE(passes_changed("Architecture: amd64", "Architecture: arm64"));
    EXPECT_FALSE(passes_changed("Filename: pool/", "Filename: ../pool/"));
    EXPECT_FALSE(passes_changed("Size: ", "Size: 1"));
    EXPECT_FALSE(passes_changed("SHA256: ", "SHA256: 0"));
    EXPECT_FALSE(passes_changed("Package: argus\n", "Package: argus\nSource: other\n"));
}

TEST_F(StanzaCheck, RefusesWhatIsNotOneStanza) {
    EXPECT_FALSE(passes_changed("\nVersion", "\n\nVersion"));
    EXPECT_FALSE(passes_changed("Package: argus", "Package: argus\n\nPackage: argus"));
    EXPECT_FALSE(passes({answer.fragments[0] + answer.fragments[0], answer.fragments[1]}));
    EXPECT_FALSE(passes({"", answer.fragments[1]}));
    EXPECT_FALSE(passes({answer.fragments[0]}));
    EXPECT_FALSE(passes({}));
}

TEST_F(StanzaCheck, RefusesNamesThatNoLineOfContentsCanHold) {
    for (const char* const files : {"usr/bin/argus", "\n", "a\n\nb\n", "a\tb\n", "\xff\n"}) {
        EXPECT_FALSE(passes({answer.fragments[0], files})) << core::escaped(files);
    }
    EXPECT_TRUE(passes({answer.fragments[0], ""}));
    EXPECT_TRUE(passes({answer.fragments[0], "usr/bin/argus\n"}));
}

}  // namespace
