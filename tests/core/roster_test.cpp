// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/roster.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::Edit;
using core::edited;
using core::Row;
using core::Rows;

Row row(const std::string& path, const std::string& releases = {},
        const std::string& content = {}) {
    return {
        path,    "name of " + path, "1-1", "x86_64", core::sha256(content.empty() ? path : content),
        releases};
}
Edit joins(const std::string& release, const std::string& path) {
    return {true, release, row(path)};
}
Edit leaves(const std::string& release, const std::string& path) {
    return {false, release, row(path)};
}

TEST(Roster, RowComesWithTheFirstReleaseThatNamesIt) {
    const auto change = edited({}, {joins("b", "p"), joins("a", "p"), joins("a", "o")});
    EXPECT_EQ(change.rows, (Rows{row("o", "a"), row("p", "a,b")}));
    EXPECT_EQ(change.added.size(), 2u);
    EXPECT_TRUE(change.removed.empty());
}

TEST(Roster, RowLeavesWithTheLastReleaseThatNamesIt) {
    const Rows before{row("p", "a,b")};
    const auto one = edited(before, {leaves("a", "p")});
    EXPECT_EQ(one.rows, (Rows{row("p", "b")}));
    EXPECT_TRUE(one.added.empty() && one.removed.empty());
    const auto none = edited(one.rows, {leaves("b", "p")});
    EXPECT_TRUE(none.rows.empty());
    EXPECT_EQ(none.removed, (Rows{row("p", "b")}));
}

TEST(Roster, RowThatChangesHandsInOneOperationStays) {
    const auto change = edited({row("p", "old")}, {leaves("old", "p"), joins("new", "p")});
    EXPECT_EQ(change.rows, (Rows{row("p", "new")}));
    EXPECT_TRUE(change.added.empty() && change.removed.empty());
}

TEST(Roster, AReleaseThatIsThereJoinsOnceAndAStrangerLeavesNothing) {
    const Rows before{row("p", "a")};
    EXPECT_EQ(edited(before, {joins("a", "p")}).rows, before);
    EXPECT_EQ(edited(before, {leaves("stranger", "p"), leaves("stranger", "q")}).rows, before);
    EXPECT_EQ(edited(before, {}).rows, before);
}

TEST(Roster, OnePathNeverNamesTwoContents) {
    EXPECT_THROW(edited({row("p", "a")}, {{true, "b", row("p", {}, "other bytes")}}), core::Error);
}

TEST(Roster, ManyEditsAreThoseOneByOne) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        Rows one_by_one;
        std::vector<Edit> first, second;
        for (std::vector<Edit>* edits : {&first, &second}) {
            for (auto i = random() % 20; i > 0; --i) {
                const std::string release(1, static_cast<char>('a' + random() % 3));
                const std::string path(1, static_cast<char>('p' + random() % 6));
                edits->push_back(edits == &first || random() % 2 ? joins(release, path)
                                                                 : leaves(release, path));
            }
            // Within one operation joins come before others leave.
            std::stable_partition(edits->begin(), edits->end(),
                                  [](const Edit& e) { return e.join; });
            for (const Edit& edit : *edits) one_by_one = edited(one_by_one, {edit}).rows;
        }
        const Rows all = edited(edited({}, first).rows, second).rows;
        ASSERT_EQ(all, one_by_one) << round;
        ASSERT_TRUE(std::is_sorted(all.begin(), all.end(),
                                   [](const Row& a, const Row& b) { return a.path < b.path; }));
    }
}

class RosterStore : public testing::Test {
  protected:
    tests::Scratch directory;
    core::RosterStore store{core::Cache(directory.path())};
    const Rows rows{row("a/b", "x,y~2"), {"p", "\n", "\t", "", core::sha256("p"), "z@umd4"}};
};

TEST_F(RosterStore, GivesBackTheRowsOfAGenerationsIndex) {
    store.save("production/umd5/el9", "main/binary-amd64", 7, rows);
    store.save("production/umd5/el9", "empty", 7, {});
    EXPECT_EQ(store.load("production/umd5/el9", "main/binary-amd64", 7), rows);
    EXPECT_EQ(store.load("production/umd5/el9", "empty", 7), Rows());
    EXPECT_EQ(store.load("production/umd5/el9", "main/binary-amd64", 8), std::nullopt);
    EXPECT_EQ(store.load("production/umd4/el9", "main/binary-amd64", 7), std::nullopt);
}

TEST_F(RosterStore, DamageIsAbsence) {
    store.save("r", "i", 7, rows);
    const auto file = directory / "rosters/000007/r/i.rows";
    const std::string good = core::read_file(file);
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 4);
        core::write_file(file, bad);
        EXPECT_EQ(store.load("r", "i", 7), std::nullopt) << i;
    }
}

TEST_F(RosterStore, WhatItWouldNotWriteIsAbsentToo) {
    const core::Cache cache(directory.path());
    for (const std::size_t size : {1, 31, 32, 51, 52, 100}) {
        cache.put("rosters/000007/r/i.rows", std::string(size, '\1'));
        EXPECT_EQ(store.load("r", "i", 7), std::nullopt) << size;
    }
}

TEST_F(RosterStore, KeepsOnlyTheGenerationsItIsToldTo) {
    for (const std::uint64_t number : {1, 2, 1'000'000}) store.save("r", "i", number, rows);
    core::make_directories(directory / "rosters/stray");
    store.keep_only([](std::uint64_t number) { return number != 2; });
    EXPECT_TRUE(store.load("r", "i", 1));
    EXPECT_FALSE(store.load("r", "i", 2));
    EXPECT_TRUE(store.load("r", "i", 1'000'000));
    EXPECT_FALSE(std::filesystem::exists(directory / "rosters/stray"));
}

}  // namespace
}  // namespace core_test
