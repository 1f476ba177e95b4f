// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/roster.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <random>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/cache_files.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::Arrivals;
using core::Edit;
using core::Row;
using core::Rows;

core::Change apply(Rows rows, const std::vector<Edit>& edits, const Arrivals& arrivals = {}) {
    return core::edited(std::move(rows), edits, arrivals);
}

Row row(const std::string& path, const std::string& releases = {},
        const std::string& content = {}) {
    return {
        path,    "name of " + path, "1-1", "x86_64", core::sha256(content.empty() ? path : content),
        releases};
}
Row arrived(std::uint64_t arrival, Row row) {
    row.arrival = arrival;
    return row;
}
Edit joins(const std::string& release, const std::string& path) {
    return {true, release, row(path)};
}
Edit leaves(const std::string& release, const std::string& path) {
    return {false, release, row(path)};
}

TEST(Roster, RowComesWithTheFirstReleaseThatNamesIt) {
    const auto change = apply({}, {joins("b", "p"), joins("a", "p"), joins("a", "o")});
    EXPECT_EQ(change.rows, (Rows{row("o", "a"), row("p", "a,b")}));
    EXPECT_EQ(change.added.size(), 2u);
    EXPECT_TRUE(change.removed.empty());
}

TEST(Roster, RowLeavesWithTheLastReleaseThatNamesIt) {
    const Rows before{row("p", "a,b")};
    const auto one = apply(before, {leaves("a", "p")});
    EXPECT_EQ(one.rows, (Rows{row("p", "b")}));
    EXPECT_TRUE(one.added.empty() && one.removed.empty());
    const auto none = apply(one.rows, {leaves("b", "p")});
    EXPECT_TRUE(none.rows.empty());
    EXPECT_EQ(none.removed, (Rows{row("p", "b")}));
}

TEST(Roster, RowThatChangesHandsInOneOperationStays) {
    const auto change = apply({row("p", "old")}, {leaves("old", "p"), joins("new", "p")});
    EXPECT_EQ(change.rows, (Rows{row("p", "new")}));
    EXPECT_TRUE(change.added.empty() && change.removed.empty());
}

TEST(Roster, AReleaseThatIsThereJoinsOnceAndAStrangerLeavesNothing) {
    const Rows before{row("p", "a")};
    EXPECT_EQ(apply(before, {joins("a", "p")}).rows, before);
    EXPECT_EQ(apply(before, {leaves("stranger", "p"), leaves("stranger", "q")}).rows, before);
    EXPECT_EQ(apply(before, {}).rows, before);
}

TEST(Roster, OnePathNeverNamesTwoContents) {
    EXPECT_THROW(apply({row("p", "a")}, {{true, "b", row("p", {}, "other bytes")}}), core::Error);
}

TEST(Roster, RowsAreInTheOrderInWhichTheirReleasesArrived) {
    const Arrivals arrivals{{"old", 3}, {"new", 7}};
    const auto first =
        apply({}, {joins("new", "a"), joins("old", "c"), joins("before", "d"), joins("old", "b")},
              arrivals);
    const Rows wanted{arrived(0, row("d", "before")), arrived(3, row("b", "old")),
                      arrived(3, row("c", "old")), arrived(7, row("a", "new"))};
    EXPECT_EQ(first.rows, wanted);
    EXPECT_EQ(first.added, wanted);
}

TEST(Roster, ARowGoesToThePlaceOfTheReleaseThatKeepsIt) {
    const Arrivals arrivals{{"a", 3}, {"c", 5}, {"b", 7}};
    const Rows before{arrived(3, row("p", "a,b")), arrived(5, row("q", "c"))};
    const auto change = apply(before, {leaves("a", "p")}, arrivals);
    EXPECT_EQ(change.rows, (Rows{arrived(5, row("q", "c")), arrived(7, row("p", "b"))}));
    EXPECT_EQ(change.removed, (Rows{arrived(3, row("p", "a,b"))}));
    EXPECT_EQ(change.added, (Rows{arrived(7, row("p", "b"))}));
}

TEST(Roster, ManyEditsAreThoseOneByOne) {
    std::mt19937 random(7);
    const Arrivals arrivals{{"a", 9}, {"b", 2}};
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
            // Within one operation others leave before releases join.
            std::stable_partition(edits->begin(), edits->end(),
                                  [](const Edit& e) { return !e.join; });
            for (const Edit& edit : *edits) one_by_one = apply(one_by_one, {edit}, arrivals).rows;
        }
        const Rows all = apply(apply({}, first, arrivals).rows, second, arrivals).rows;
        ASSERT_EQ(all, one_by_one) << round;
        ASSERT_TRUE(std::is_sorted(all.begin(), all.end(), core::in_order));
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

TEST_F(RosterStore, KeepsTheLastOneOfAnIndex) {
    store.save("r", "i", 7, {});
    store.save("r", "i", 8, rows);
    EXPECT_EQ(store.load("r", "i", 7), std::nullopt);
    EXPECT_EQ(store.load("r", "i", 8), rows);
}

TEST_F(RosterStore, WhatItWouldNotWriteIsAbsent) {
    const core::Cache cache(directory.path());
    const std::string name = "roster 4 of r i";
    constexpr std::size_t head = 24;
    store.save("r", "i", 7, rows);
    const std::string good = cache.get(name).value();
    for (std::size_t size = 0; size < good.size(); ++size) {
        cache.put(name, good.substr(0, size));
        EXPECT_EQ(store.load("r", "i", 7), std::nullopt) << size;
    }
    for (const std::size_t size : {1, 31, 32, 60, 64}) {
        cache.put(name, good.substr(0, head) + std::string(size, '\1'));
        EXPECT_EQ(store.load("r", "i", 7), std::nullopt) << size;
    }
}

Rows many_rows() {
    Rows many;
    for (int i = 0; i < 20'000; ++i) {
        many.push_back(arrived(1, row("path" + std::to_string(i), "r1")));
    }
    std::ranges::sort(many, core::in_order);
    return many;
}

TEST_F(RosterStore, AChunkThatIsNotAsItWasWrittenIsAbsent) {
    const core::Cache cache(directory.path());
    const Rows many = many_rows();
    store.save("r", "i", 7, many);
    core::Digest key;
    std::memcpy(&key, cache.get("roster 4 of r i").value().data() + 24, sizeof key);
    const core::Cache::Key chunk(key);
    const std::string good = cache.get(chunk).value();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{60}, good.size() - 1}) {
        cache.put(chunk, good.substr(0, size));
        EXPECT_EQ(store.load("r", "i", 7), std::nullopt) << size;
    }
    cache.put(chunk, good);
    const std::string roster = cache.get("roster 4 of r i").value();
    store.save("r", "i", 8, Rows(many.begin() + 1, many.end()));  // and was not committed
    cache.put("roster 4 of r i", roster);
    EXPECT_EQ(store.load("r", "i", 7), std::nullopt);
    store.save("r", "i", 7, many);
    EXPECT_EQ(store.load("r", "i", 7), many);
}

TEST_F(RosterStore, WritesWhatAChangeChanges) {
    const auto written = [&] {
        std::uintmax_t bytes = 0;
        for (const auto& file : tests::files_of_cache(directory.path() / "values"))
            bytes += std::filesystem::file_size(file);
        return bytes;
    };
    const Rows many = many_rows();
    store.save("r", "i", 7, many);
    const auto whole = written();
    const auto loaded = store.load("r", "i", 7).value();
    EXPECT_EQ(loaded, many);
    const auto change =
        apply(loaded, {joins("r2", "last"), leaves("r1", "path777")}, {{"r1", 1}, {"r2", 2}});
    store.save("r", "i", 8, change.rows);
    EXPECT_LT(written() - whole, whole / 5);
    EXPECT_EQ(store.load("r", "i", 8), change.rows);
}

}  // namespace
}  // namespace core_test
