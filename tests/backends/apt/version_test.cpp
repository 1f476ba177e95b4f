// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's versions, with dpkg itself as judge.
#include "backends/apt/version.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

using Random = std::mt19937;

std::string word(Random& random, std::string_view letters, std::size_t most) {
    std::string text;
    for (std::size_t size = random() % (most + 1); text.size() < size;) {
        text += letters[random() % letters.size()];
    }
    return text;
}

std::string any_version(Random& random) {
    static const char* const epochs[] = {"", "", "", "0:", "1:", "01:", "2:"};
    std::string text = epochs[random() % 7];
    text += std::to_string(random() % 3) + word(random, "012a.+~-Zz", 5);
    if (random() % 2 == 0) text += "-" + std::to_string(random() % 2) + word(random, "01b+~.", 3);
    while (text.ends_with('-')) text.pop_back();
    return text;
}

/// A version close to the other, so that they differ late or not at all.
std::string neighbour(Random& random, const std::string& version) {
    std::string text = version;
    switch (random() % 4) {
        case 0:
            return text + word(random, "0~+1a.", 2);
        case 1:
            text.insert(text.find_first_of("0123456789"), "0");
            return text;
        case 2:
            return text.find('-') == std::string::npos ? text + "-0" : text;
        default:
            return any_version(random);
    }
}

char sign(std::strong_ordering order) {
    return order < 0 ? '<' : order > 0 ? '>' : '=';
}

}  // namespace

TEST(Versions, AreOrderedAsDpkgOrdersThem) {
    Random random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    const std::size_t count = std::getenv("SLUICE_LONG") == nullptr ? 2000 : 100'000;
    std::string pairs;
    std::vector<std::pair<std::string, std::string>> asked;
    while (asked.size() < count) {
        const std::string a = any_version(random);
        const std::string b = neighbour(random, a);
        if (!apt::parse_version(a) || !apt::parse_version(b)) continue;
        asked.emplace_back(a, b);
        pairs += a + " " + b + "\n";
    }
    const Workshop workshop;
    core::write_file(workshop.path("pairs"), pairs);
    // dpkg's own perl module is asked for all; the program itself, which is a process for each
    // question, must say the same of some.
    const std::string answers = workshop.run(
        "perl -MDpkg::Version -lane 'my $c = version_compare($F[0], $F[1]); "
        "print $c < 0 ? \"<\" : $c > 0 ? \">\" : \"=\"' pairs");
    const std::string some = workshop.run(
        "head -n 200 pairs | while read -r a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; "
        "then "
        "echo '<'\nelif dpkg --compare-versions \"$a\" eq \"$b\"; then echo '='; else echo '>'; "
        "fi; done");
    EXPECT_TRUE(answers.starts_with(some));
    std::istringstream lines(answers);
    std::map<char, int> seen;
    for (const auto& [a, b] : asked) {
        char answer = 0;
        ASSERT_TRUE(lines >> answer);
        EXPECT_EQ(sign(apt::compare_versions(a, b)), answer) << a << " " << b;
        EXPECT_EQ(apt::compare_versions(a, b), 0 <=> apt::compare_versions(b, a)) << a << " " << b;
        ++seen[answer];
    }
    EXPECT_GT(seen['<'], 50);
    EXPECT_GT(seen['='], 50);
    EXPECT_GT(seen['>'], 50);
}

TEST(Versions, HaveEpochUpstreamVersionAndRevision) {
    const auto version = apt::parse_version("2:1.0-rc1-3~deb12u1");
    ASSERT_TRUE(version);
    EXPECT_EQ(version->epoch, "2");
    EXPECT_EQ(version->upstream, "1.0-rc1");
    EXPECT_EQ(version->revision, "3~deb12u1");
    EXPECT_EQ(apt::parse_version("1.0")->revision, "");
}

TEST(Versions, HaveEpochsThatDpkgTakesAndNoOthers) {
    for (const char* text : {"0:1", "1000000000:1", "2147483647:1", "00000000002147483647:1"}) {
        EXPECT_TRUE(apt::parse_version(text)) << text;
        EXPECT_TRUE(apt::comparable(text)) << text;
    }
    for (const char* text : {"2147483648:1", "4294967295:1", "4294967296:1", "4294967297:1",
                             "18446744073709551617:1", ":1", "-1:1", "+1:1", " 1:1", "1.0:1"}) {
        EXPECT_FALSE(apt::parse_version(text)) << text;
        EXPECT_FALSE(apt::comparable(text)) << text;
    }
}

TEST(Versions, AgainstPolicyAreNotTaken) {
    for (const char* text :
         {"", "a1", "1:", ":1", "1.0-", "-1", "x:1", "1:2:3", "1.0/../2", "1 0", "1.0_1", "1\n",
          "99999999999:1", "2147483648:1", "-", "1.0-a_b", "1.0\xc3\xa4"}) {
        EXPECT_FALSE(apt::parse_version(text)) << text;
    }
}
