// SPDX-License-Identifier: GPL-3.0-or-later
// The index engine: same rows, same bytes, whatever is in the cache; a change costs its own shards.
#include "backends/shards/shards.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include "backends/shards/cut.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/system/files.hpp"
#include "tests/cache_files.hpp"
#include "tests/scratch.hpp"

namespace {
namespace fs = std::filesystem;

core::Row row_numbered(int number) {
    char path[32];
    std::snprintf(path, sizeof path, "pool/%06d.deb", number);
    return {path, "", "", "", core::sha256(path)};
}

core::Rows rows_numbered(int count) {
    core::Rows rows;
    for (int i = 0; i < count; ++i) rows.push_back(row_numbered(i));
    return rows;
}

shards::Fragments texts_of(const core::Row& row) {
    return {fmt::format("Name: {}\n\n", row.path), row.digest.hex() + row.digest.hex() + "\n"};
}

class Shards : public testing::Test {
  protected:
    /// What an index came to: the four files and what was said of them.
    struct Index {
        std::vector<std::string> files;
        std::vector<shards::Written> written;

        bool operator==(const Index& other) const {
            return files == other.files && written[1].lines == other.written[1].lines;
        }
    };

    Index write(const core::Rows& rows, const std::string& kind = "test-1") {
        const fs::path out = directory_ / "out";
        fs::create_directories(out);
        const std::vector<shards::File> files{{"<list>\n", "</list>\n", out / "a", out / "a.gz"},
                                              {"", "", out / "b", out / "b.gz", true}};
        rendered_ = 0;
        Index index;
        index.written = shards::write_index(cache_(), kind, rows, files, [&](const core::Row& row) {
            ++rendered_;
            return texts_of(row);
        });
        for (const char* name : {"a", "a.gz", "b", "b.gz"}) {
            index.files.push_back(core::read_file(out / name));
        }
        fs::remove_all(out);
        return index;
    }

    std::string unzipped(const std::string& bytes) {
        core::write_file(directory_ / "zipped", bytes);
        const std::string command = "gzip -dc < " + (directory_ / "zipped").string() + " > " +
                                    (directory_ / "open").string();
        EXPECT_EQ(std::system(command.c_str()), 0);
        return core::read_file(directory_ / "open");
    }

    std::size_t shards() const { return tests::values_unused_for(directory_ / "cache", 0); }

    core::Cache cache_() const { return core::Cache(directory_ / "cache"); }

    tests::Scratch directory_ = tests::Scratch::in_memory();
    std::atomic<int> rendered_{0};
};

}  // namespace

TEST_F(Shards, HoldAllRowsInTheirOrder) {
    const core::Rows rows = rows_numbered(1000);
    std::string a = "<list>\n";
    std::string b;
    for (const core::Row& row : rows) {
        a += texts_of(row)[0];
        b += texts_of(row)[1];
    }
    a += "</list>\n";
    const Index index = write(rows);
    EXPECT_EQ(index.files[0], a);
    EXPECT_EQ(index.files[2], b);
    EXPECT_EQ(unzipped(index.files[1]), a);
    EXPECT_EQ(unzipped(index.files[3]), b);
}

TEST_F(Shards, AreDescribedAsTheyWereWritten) {
    const Index index = write(rows_numbered(300));
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(index.written[i].plain_digest, core::sha256(index.files[2 * i]));
        EXPECT_EQ(index.written[i].plain_size, index.files[2 * i].size());
        EXPECT_EQ(index.written[i].gzip_digest, core::sha256(index.files[2 * i + 1]));
        EXPECT_EQ(index.written[i].gzip_size, index.files[2 * i + 1].size());
    }
}

TEST_F(Shards, KnowTheLinesOfEachRow) {
    const core::Rows rows = rows_numbered(400);
    const auto lines_of = [](const core::Row& row) { return row.digest.bytes[1] % 200u * 5; };
    const auto render = [&](const core::Row& row) -> shards::Fragments {
        std::string text;
        for (std::uint32_t i = 0; i < lines_of(row); ++i) text += fmt::format("{}\n", row.path);
        return {"not counted\n", text + "half a line"};
    };
    for (int round = 0; round < 2; ++round) {
        const auto written = shards::write_index(cache_(), "lines", rows,
                                                 {{}, {"head\n", "", "", "", true}}, render);
        EXPECT_TRUE(written[0].lines.empty());
        ASSERT_EQ(written[1].lines.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(written[1].lines[i], lines_of(rows[i]));
        }
    }
}

TEST_F(Shards, AreReadAsClientsReadThemWhenTheyAreMade) {
    const core::Rows rows = rows_numbered(100);
    const auto names = [](std::string_view text) {
        std::size_t count = 0;
        while ((text = text.substr(std::min(text.find("Name: "), text.size()))).size() > 0) {
            text.remove_prefix(1);
            ++count;
        }
        return count;
    };
    const auto write_with = [&](const shards::Render& render, const std::string& kind) {
        const shards::File file{"", "", {}, {}, false, {names, "Name: ", "\n\n"}};
        return shards::write_index(cache_(), kind, rows, {file}, render);
    };
    const auto with_one = [&](const std::string& wrong) {
        return [&, wrong](const core::Row& row) {
            return shards::Fragments{row.path == rows[50].path ? wrong : texts_of(row).front()};
        };
    };
    EXPECT_NO_THROW(write_with(with_one("Name: x\n\n"), "good"));
    EXPECT_THROW(write_with(with_one(""), "none"), core::Error);
    EXPECT_THROW(write_with(with_one("Name: x\n\nName: y\n\n"), "two"), core::Error);
    // The count is right, but the shards end within an entry.
    const auto all_wrong = [&](const core::Row& row) {
        return shards::Fragments{texts_of(row).front() + "rest"};
    };
    EXPECT_THROW(write_with(all_wrong, "joints"), core::Error);
}

TEST_F(Shards, OfNoRowsAreValidFiles) {
    const Index index = write({});
    EXPECT_EQ(unzipped(index.files[1]), "<list>\n</list>\n");
    EXPECT_EQ(index.files[2], "");
    EXPECT_FALSE(index.files[3].empty());
    EXPECT_EQ(unzipped(index.files[3]), "");
}

TEST_F(Shards, AreHashedEvenIfNotWritten) {
    const core::Rows rows = rows_numbered(100);
    const Index index = write(rows);
    const auto written = shards::write_index(cache_(), "test-1", rows,
                                             {{"<list>\n", "</list>\n", {}, {}}, {}}, texts_of);
    EXPECT_EQ(written[0].plain_digest, index.written[0].plain_digest);
    EXPECT_EQ(written[0].gzip_digest, index.written[0].gzip_digest);
}

TEST_F(Shards, OfUnchangedRowsAreNotMadeAgain) {
    const Index first = write(rows_numbered(1000));
    EXPECT_EQ(rendered_, 1000);
    EXPECT_EQ(write(rows_numbered(1000)), first);
    EXPECT_EQ(rendered_, 0);
}

TEST_F(Shards, CostWhatChangedAndNoMore) {
    core::Rows rows = rows_numbered(3000);
    write(rows);
    rows.erase(rows.begin() + 1500);
    const Index less = write(rows);
    EXPECT_GT(rendered_, 0);
    EXPECT_LT(rendered_, 513);  // two shards of the most rows, where the border itself left
    fs::remove_all(directory_ / "cache");
    EXPECT_EQ(write(rows), less);
}

TEST_F(Shards, MeetAgainAfterAnyRowThatLeaves) {
    constexpr int rows = 300;
    write(rows_numbered(rows));
    int made = 0;
    for (int gone = 0; gone < rows; gone += 11) {
        core::Rows fewer = rows_numbered(rows);
        fewer.erase(fewer.begin() + gone);
        write(fewer);
        EXPECT_LT(rendered_, rows / 2) << gone;
        made += rendered_;
    }
    // Of shards with 23 rows on average, one and sometimes the next.
    EXPECT_LT(made / (rows / 11), 50);
}

TEST_F(Shards, HaveNoFewRowsButTheLast) {
    core::Rows rows = rows_numbered(2000);
    for (core::Row& row : rows) row.digest.bytes[0] = 0;  // each could be the last of its shard
    write(rows);
    EXPECT_EQ(shards(), 2000u / 16);
}

TEST_F(Shards, OfOneRowEachCostOneRow) {
    const auto render = [&](const core::Row& row) {
        ++rendered_;
        return shards::Fragments{std::string(row.path)};
    };
    const auto write_each = [&](const core::Rows& rows) {
        rendered_ = 0;
        shards::write_index(cache_(), "each", rows, {{}}, render, shards::Cut::after_each_row);
    };
    core::Rows rows = rows_numbered(50);
    write_each(rows);
    EXPECT_EQ(shards(), 50u);
    rows.insert(rows.begin() + 20, row_numbered(1000));
    write_each(rows);
    EXPECT_EQ(rendered_, 1);
}

TEST_F(Shards, AreBoundedWhereDigestsWereChosen) {
    core::Rows rows = rows_numbered(2000);
    for (core::Row& row : rows) row.digest.bytes[0] = 0xff;
    write(rows);
    rows.back() = row_numbered(2000);
    write(rows);
    EXPECT_LT(rendered_, 257);
}

TEST_F(Shards, OfAnotherKindAreOthers) {
    write(rows_numbered(50), "test-1");
    write(rows_numbered(50), "test-2");
    EXPECT_EQ(rendered_, 50);
}

TEST_F(Shards, WithAnyByteDamagedAreMadeAgain) {
    const Index sound = write(rows_numbered(3));
    const fs::path file = directory_ / "cache/values/1";
    const std::string bytes = core::read_file(file);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
        core::write_file(file, damaged);
        ASSERT_EQ(write(rows_numbered(3)), sound) << "byte " << i;
        ASSERT_EQ(rendered_, 3) << "byte " << i;
        ASSERT_EQ(write(rows_numbered(3)), sound);
        ASSERT_EQ(rendered_, 0) << "mended";
    }
}

TEST_F(Shards, OfOtherSectionsAreMadeAgain) {
    const Index sound = write(rows_numbered(3));
    const core::Rows rows = rows_numbered(3);
    const core::Digest key =
        shards::key_of(shards::cut(rows, shards::Cut::by_digest).at(0), "test-1", 2);
    for (const std::vector<std::string>& sections :
         {std::vector<std::string>{}, {"a", "b", "c", "d"}, {"a", "b", "c", "d", "e", "f"}}) {
        cache_().put(core::Cache::Key(key), core::pack_texts(sections));
        EXPECT_EQ(write(rows), sound);
        EXPECT_EQ(rendered_, 3);
    }
}

TEST_F(Shards, DeletedWhileTheyAreUsedAreNotMissed) {
    const core::Rows rows = rows_numbered(2000);
    const Index sound = write(rows);
    std::jthread vandal([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::error_code busy;
            fs::remove_all(directory_ / "cache", busy);
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    });
    for (int round = 0; round < 5; ++round) EXPECT_EQ(write(rows), sound);
}

TEST_F(Shards, WhoseRowsCannotBeRenderedAreAnError) {
    const auto refuse = [](const core::Row& row) -> shards::Fragments {
        throw core::Error("no fragments of " + std::string(row.path));
    };
    const auto too_few = [](const core::Row&) { return shards::Fragments{"one"}; };
    const core::Rows rows = rows_numbered(10);
    EXPECT_THROW(shards::write_index(cache_(), "k", rows, {{}, {}}, refuse), core::Error);
    EXPECT_THROW(shards::write_index(cache_(), "k", rows, {{}, {}}, too_few), core::Error);
}

TEST_F(Shards, ThatAreUsedAreMarkedSo) {
    write(rows_numbered(3));
    tests::grow_old(directory_ / "cache", 20);
    write(rows_numbered(3));
    EXPECT_EQ(rendered_, 0);
    EXPECT_EQ(tests::values_unused_for(directory_ / "cache", 1), 0u);
}

TEST(Fragments, OfAPackageAreKept) {
    const tests::Scratch directory;
    const core::Cache cache(directory / "cache");
    const core::Digest package = core::sha256("package");
    EXPECT_EQ(shards::load_fragments(cache, package, 2), std::nullopt);
    const shards::Fragments fragments{"<package/>\n", ""};
    shards::save_fragments(cache, package, fragments);
    EXPECT_EQ(shards::load_fragments(cache, package, 2), fragments);
    EXPECT_EQ(shards::load_fragments(cache, package, 3), std::nullopt) << "of another format";
    tests::grow_old(directory / "cache", 100);
    cache.sweep([&](const core::Digest& digest) { return digest == package; }, std::time(nullptr));
    EXPECT_EQ(shards::load_fragments(cache, package, 2), fragments);
}
