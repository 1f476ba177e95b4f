// SPDX-License-Identifier: GPL-3.0-or-later
// An index that goes on from the one before has the bytes of one that is made from nothing,
// whatever became of the notes and of the file that is copied from.
#include "backends/shards/milestones.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

#include "backends/shards/shards.hpp"
#include "core/system/files.hpp"
#include "tests/cache_files.hpp"
#include "tests/scratch.hpp"

namespace {
namespace fs = std::filesystem;

core::Row numbered(int number) {
    const core::Digest digest = core::sha256(std::to_string(number));
    return {"", "", "", "", digest};
}

class MilestonesOfAnIndex : public testing::Test {
  protected:
    struct Index {
        std::vector<std::string> files;
        std::vector<core::Digest> plain;
        std::vector<std::uint32_t> lines;

        bool operator==(const Index&) const = default;
    };

    static core::Rows rows_of(const std::vector<int>& numbers) {
        core::Rows rows;
        for (const int number : numbers) {
            core::Row row = numbered(number);
            row.text = std::make_shared<const std::string>(fmt::format("{:08}", number));
            row.path = *row.text;
            rows.push_back(row);
        }
        return rows;
    }

    static std::vector<int> numbers_below(int count) {
        std::vector<int> numbers(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) numbers[static_cast<std::size_t>(i)] = i;
        return numbers;
    }

    Index written(const core::Cache& cache, const std::vector<int>& numbers,
                  const std::string& notes, const std::string& header, shards::Cut cut) {
        const fs::path out = directory_ / std::to_string(made_);
        const fs::path before = directory_ / std::to_string(made_ - 1);
        ++made_;
        fs::create_directories(out);
        const std::vector<shards::File> files{
            {header, "</list>\n", {}, out / "a.gz", false, {}, before / "a.gz"},
            {"", "", {}, out / "b.gz", true, {}, before / "b.gz"}};
        rendered_ = 0;
        const auto render = [&](const core::Row& row) -> shards::Fragments {
            ++rendered_;
            const std::size_t lines = row.digest.bytes[1] % 4 + 1u;
            std::string text;
            for (std::size_t i = 0; i < lines; ++i) text += row.digest.hex() + "\n";
            return {fmt::format("<{}>\n", row.path), text};
        };
        const auto all =
            shards::write_index(cache, "test", rows_of(numbers), files, render, cut, notes);
        return {{core::read_file(out / "a.gz"), core::read_file(out / "b.gz")},
                {all[0].plain_digest, all[1].plain_digest},
                all[1].lines};
    }

    /// Goes on from what was written last.
    Index next(const std::vector<int>& numbers, const std::string& header = "<list>\n",
               shards::Cut cut = shards::Cut::by_digest) {
        return written(cache_, numbers, "notes", header, cut);
    }

    Index from_nothing(const std::vector<int>& numbers, const std::string& header = "<list>\n",
                       shards::Cut cut = shards::Cut::by_digest) {
        const int made = made_;
        made_ = 1'000'000;
        fs::remove_all(directory_ / "1000000");
        const tests::Scratch cache = tests::Scratch::in_memory();
        const Index index = written(core::Cache(cache / "cache"), numbers, "", header, cut);
        made_ = made;
        return index;
    }

    fs::path last_file() const { return directory_ / std::to_string(made_ - 1) / "a.gz"; }

    /// So that shards in front of a milestone cannot be had.
    void forget_shards() const {
        const auto notes = cache_.get("notes");
        fs::remove_all(directory_ / "cache");
        if (notes) cache_.put("notes", *notes);
    }

    tests::Scratch directory_ = tests::Scratch::in_memory();
    const core::Cache cache_{directory_ / "cache"};
    int made_ = 1;
    std::atomic<int> rendered_{0};
};

}  // namespace

TEST_F(MilestonesOfAnIndex, LetTheNextOneMakeOnlyWhatIsNew) {
    next(numbers_below(5000));
    EXPECT_EQ(rendered_, 5000);
    forget_shards();
    const Index index = next(numbers_below(5020));
    EXPECT_LT(rendered_, 256 + 20);
    EXPECT_EQ(index, from_nothing(numbers_below(5020)));
    forget_shards();
    EXPECT_EQ(next(numbers_below(5010)), from_nothing(numbers_below(5010)));
    EXPECT_LT(rendered_, 256 + 20);
}

TEST_F(MilestonesOfAnIndex, OfOneRowInEachShardLetItMakeOnlyThatOfTheNew) {
    constexpr auto cut = shards::Cut::after_each_row;
    next(numbers_below(300), "", cut);
    forget_shards();
    EXPECT_EQ(next(numbers_below(301), "", cut), from_nothing(numbers_below(301), "", cut));
    forget_shards();
    next(numbers_below(302), "", cut);
    EXPECT_EQ(rendered_, 1);
}

TEST_F(MilestonesOfAnIndex, GiveTheBytesOfOneMadeFromNothingInAnyHistory) {
    std::mt19937 random(20261130);
    const auto below = [&](std::size_t end) { return random() % end; };
    std::vector<int> numbers = numbers_below(700);
    std::vector<std::vector<int>> earlier;
    int newest = 700;
    for (int step = 0; step < 150; ++step) {
        switch (below(6)) {
            case 0:
            case 1:
                for (std::size_t i = below(60); i > 0; --i) numbers.push_back(newest++);
                break;
            case 2:
                for (std::size_t i = below(20); i > 0 && !numbers.empty(); --i) {
                    const std::size_t at = below(numbers.size());
                    numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(at));
                }
                break;
            case 3:
                numbers.resize(numbers.size() -
                               below(std::min<std::size_t>(numbers.size() + 1, 50)));
                break;
            case 4:
                numbers.insert(
                    numbers.begin() + static_cast<std::ptrdiff_t>(below(numbers.size() + 1)),
                    newest++);
                break;
            default:
                if (!earlier.empty()) numbers = earlier[below(earlier.size())];
        }
        earlier.push_back(numbers);
        ASSERT_EQ(next(numbers), from_nothing(numbers)) << "step " << step;
    }
}

TEST_F(MilestonesOfAnIndex, AreNotUsedIfTheyAreNotWhole) {
    next(numbers_below(200));
    const std::string notes = cache_.get("notes").value();
    const Index sound = from_nothing(numbers_below(220));
    const auto try_with = [&](const std::string& other) {
        cache_.put("notes", other);
        ASSERT_EQ(next(numbers_below(220)), sound) << other.size();
        fs::remove_all(directory_ / std::to_string(--made_));
    };
    for (std::size_t size = 0; size < notes.size(); size += 101) try_with(notes.substr(0, size));
    try_with(notes + "x");
}

TEST_F(MilestonesOfAnIndex, AreNotUsedIfWhatIsCopiedIsDamagedOrCutShort) {
    next(numbers_below(400));
    const std::string bytes = core::read_file(last_file());
    const std::string notes = cache_.get("notes").value();
    const Index sound = from_nothing(numbers_below(420));
    const auto try_with = [&](const std::string& other) {
        core::write_file(last_file(), other);
        cache_.put("notes", notes);
        forget_shards();
        ASSERT_EQ(next(numbers_below(420)), sound);
        fs::remove_all(directory_ / std::to_string(--made_));
    };
    for (std::size_t i = 0; i < bytes.size(); i += bytes.size() / 100) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
        try_with(damaged);
        try_with(bytes.substr(0, i));
    }
    core::write_file(last_file(), bytes);
    fs::remove(last_file());
    EXPECT_EQ(next(numbers_below(420)), sound);
}

TEST_F(MilestonesOfAnIndex, AreNotUsedForOtherShardsOrAnotherHeader) {
    next(numbers_below(400));
    const std::string notes = cache_.get("notes").value();
    std::vector<int> others = numbers_below(400);
    others[0] = 7777;
    EXPECT_EQ(next(others), from_nothing(others));
    cache_.put("notes", notes);  // those of the index before, of the same length
    EXPECT_EQ(next(others), from_nothing(others));
    EXPECT_EQ(next(others, "<other>\n"), from_nothing(others, "<other>\n"));
}

TEST_F(MilestonesOfAnIndex, MarkTheShardsInFrontAsUsedOnceADay) {
    next(numbers_below(400));
    const auto old = [&] { return tests::values_unused_for(directory_ / "cache", 19); };
    tests::grow_old(directory_ / "cache", 20);
    next(numbers_below(401));
    EXPECT_GT(old(), 5u);  // they were marked a moment ago

    auto milestones = shards::milestones_in(*cache_.get("notes"), 4, 1);
    milestones->marked -= 25 * 60 * 60;
    cache_.put("notes", shards::text_of(*milestones));
    next(numbers_below(402));
    // The last shards of the two indexes before, and notes that were replaced.
    EXPECT_LE(old(), 3u);
}

TEST_F(MilestonesOfAnIndex, SurviveTheirText) {
    shards::Milestones milestones{
        {{3, core::sha256("a"), std::vector<shards::Place>(4)}}, {"abcd"}, 1'764'000'000};
    milestones.all[0].places[2] = {{{1, 2, 3, 4, 5, 6, 7, 8}, 70, {'x'}}, 9};
    const std::string text = shards::text_of(milestones);
    const auto found = shards::milestones_in(text, 4, 1);
    ASSERT_TRUE(found);
    EXPECT_EQ(shards::text_of(*found), text);
    EXPECT_EQ(found->all[0].places[2].crc, 9u);
    EXPECT_FALSE(shards::milestones_in(text, 3, 1));
    EXPECT_FALSE(shards::milestones_in(text, 4, 0));
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(shards::milestones_in(text.substr(0, size), 4, 1)) << size;
    }
}

TEST(Milestone, StandsAtTheEndAndAtHalfTheWayAndSoOn) {
    for (std::size_t count = 0; count < 3000; ++count) {
        std::size_t kept = 0;
        for (std::size_t shards = 0; shards <= count + 1; ++shards) {
            kept += shards::is_milestone(shards, count) ? 1 : 0;
        }
        ASSERT_LE(kept, 2 * std::bit_width(count)) << count;
        ASSERT_EQ(shards::is_milestone(count, count), count > 0);
    }
    EXPECT_TRUE(shards::is_milestone(999, 1000));
    EXPECT_TRUE(shards::is_milestone(512, 1000));
    EXPECT_FALSE(shards::is_milestone(3, 1000));
}
