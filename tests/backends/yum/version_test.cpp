// SPDX-License-Identifier: GPL-3.0-or-later
// Versions are ordered as rpm orders them.
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "backends/yum/inspector.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

int compared(std::string_view a, std::string_view b) {
    static const yum::YumInspector inspector{core::Cache("/nonexistent"), workshop::cells()};
    const std::strong_ordering order = inspector.compare_versions(a, b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

TEST(YumVersions, FollowEpochVersionReleaseTildeAndCaret) {
    EXPECT_EQ(compared("1:1.0-1", "2.0-1"), 1);
    EXPECT_EQ(compared("0:1.0-1", "1.0-1"), 0);
    EXPECT_EQ(compared("1.0-2", "1.0-10"), -1);
    EXPECT_EQ(compared("1.0~rc1-1", "1.0-1"), -1);
    EXPECT_EQ(compared("1.0^git1-1", "1.0-1"), 1);
    EXPECT_EQ(compared("1.0^git1-1", "1.0.1-1"), -1);
    EXPECT_EQ(compared("1.0-1.el8", "1.0-1.el9"), -1);
    EXPECT_EQ(compared("1.0a", "1.0.1"), -1);
}

TEST(YumVersions, TakeAnythingWithoutHarm) {
    for (const char* text : {"", "-", ":", "~", "^", "1:", "-1", "1:-", ":::", "---", "é"}) {
        EXPECT_EQ(compared(text, text), 0) << text;
        EXPECT_EQ(compared(text, "1.0-1"), -compared("1.0-1", text)) << text;
    }
}

TEST(YumVersions, AreOrderedAsTheRpmProgramOrdersThem) {
    const workshop::Scratch scratch;
    std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    const int count = std::getenv("SLUICE_LONG") == nullptr ? 2000 : 100'000;
    const std::string letters = "0012389aabzZ...~^_+";
    std::vector<std::pair<std::string, std::string>> pairs;
    const std::string script =
        "for a, b in io.open(arg[2]):read('a'):gmatch('(%S+) (%S+)\\n') do "
        "print(rpm.vercmp(a, b)) end\n";
    std::string input;
    for (int i = 0; i < count; ++i) {
        std::array<std::string, 2> words;
        for (std::string& word : words) {
            word = std::to_string(random() % 3);
            for (auto left = random() % 6; left > 0; --left)
                word += letters[random() % letters.size()];
        }
        if (random() % 2 == 0) words[1] = words[0] + words[1].substr(words[1].size() / 2);
        pairs.emplace_back(words[0], words[1]);
        input += words[0] + " " + words[1] + "\n";
    }
    const std::string file = scratch.file("script.lua", script).string();
    const std::string words = scratch.file("words", input).string();
    std::istringstream theirs(workshop::must_run("rpmlua " + file + " " + words));
    for (const auto& [a, b] : pairs) {
        int expected = 9;
        theirs >> expected;
        ASSERT_EQ(compared(a, b), expected) << a << " " << b;
    }
}

}  // namespace
