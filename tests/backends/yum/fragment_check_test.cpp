// SPDX-License-Identifier: GPL-3.0-or-later
// What a cell says of a package is believed as far as it says it of that package.
#include "backends/yum/fragment_check.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

using shards::Fragments;

class FragmentCheck : public testing::Test {
  protected:
    static bool passes(const Fragments& fragments, const core::Package& package) {
        try {
            yum::check_fragments(fragments, package);
            return true;
        } catch (const core::Refused& refused) {
            EXPECT_TRUE(refused.code() == "package-corrupt" || refused.code() == "package-name");
            return false;
        }
    }

    bool passes(const Fragments& fragments) const { return passes(fragments, answer.package); }

    /// One of them with a text replaced, which is in it.
    Fragments changed(std::size_t index, const std::string& from, const std::string& to) const {
        Fragments fragments = answer.fragments;
        const std::size_t at = fragments[index].find(from);
        EXPECT_NE(at, std::string::npos) << from;
        fragments[index].replace(at, from.size(), to);
        return fragments;
    }

    const core::Inspection answer =
        workshop::read(workshop::package("argus-1.7.3-1.el9.noarch.rpm"));
    const core::Inspection other = workshop::read(workshop::package("lib-1.0-1.el9.x86_64.rpm"));
};

TEST_F(FragmentCheck, TakesWhatEachSoundPackageSays) {
    for (const auto& file : workshop::sound_packages()) {
        const core::Inspection sound = workshop::read(file);
        EXPECT_TRUE(passes(sound.fragments, sound.package)) << file;
    }
}

TEST_F(FragmentCheck, RefusesWhatSpeaksOfAnotherPackage) {
    for (std::size_t i = 0; i < 3; ++i) {
        Fragments fragments = answer.fragments;
        fragments[i] = other.fragments[i];
        EXPECT_FALSE(passes(fragments)) << i;
        fragments[i] = answer.fragments[i] + other.fragments[i];
        EXPECT_FALSE(passes(fragments)) << i;
        fragments[i].clear();
        EXPECT_FALSE(passes(fragments)) << i;
        const std::string digest = answer.package.digest.hex();
        EXPECT_FALSE(passes(changed(i, digest, other.package.digest.hex()))) << i;
        EXPECT_FALSE(passes(changed(i, "argus", "argos"))) << i;
        EXPECT_FALSE(passes(changed(i, "noarch", "x86_64"))) << i;
        EXPECT_FALSE(passes(changed(i, "ver=\"1.7.3\"", "ver=\"1.7.4\""))) << i;
        EXPECT_FALSE(passes(changed(i, "epoch=\"2\"", "epoch=\"3\""))) << i;
    }
    EXPECT_FALSE(passes({}));
    EXPECT_FALSE(passes(changed(0, "Packages/a/argus", "Packages/b/argus")));
    EXPECT_FALSE(passes(changed(0, "<size package=\"", "<size package=\"1")));
}

TEST_F(FragmentCheck, RefusesAFactThatStandsTwice) {
    EXPECT_FALSE(passes(changed(0, "<format>", "<location href=\"else\"/><format>")));
    EXPECT_FALSE(passes(changed(0, "<format>", "<name>argus</name><format>")));
    EXPECT_FALSE(passes(changed(1, "<version ", "<version epoch=\"0\"/><version ")));
}

TEST_F(FragmentCheck, RefusesWhatIsNotOneElementOfItsIndex) {
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_FALSE(passes(changed(i, "</package>", ""))) << i;
        EXPECT_FALSE(passes(changed(i, "</package>", "</package><package/>"))) << i;
        EXPECT_FALSE(passes(changed(i, "</package>", "<script/></package>"))) << i;
        EXPECT_FALSE(passes(changed(i, "</package>", "<!-- --></package>"))) << i;
        EXPECT_FALSE(passes(changed(i, "</package>", "&other;</package>"))) << i;
    }
}

TEST_F(FragmentCheck, RefusesAPathThatIsNotThePackagesOwn) {
    for (const char* const path :
         {"../../etc/passwd", "/etc/passwd", "Packages/a/argus.rpm", "repodata/repomd.xml"}) {
        core::Package package = answer.package;
        package.path = path;
        EXPECT_FALSE(passes(changed(0, answer.package.path, path), package)) << path;
    }
    core::Package package = answer.package;
    package.name = "..";
    EXPECT_FALSE(passes(answer.fragments, package));
    package = answer.package;
    package.every_architecture = false;
    EXPECT_FALSE(passes(answer.fragments, package));
    package = answer.package;
    package.source = true;
    EXPECT_FALSE(passes(answer.fragments, package));
    package = answer.package;
    package.component = "main";
    EXPECT_FALSE(passes(answer.fragments, package));
}

}  // namespace
