// SPDX-License-Identifier: GPL-3.0-or-later
// An index of paths: a naive model says what it must be; same rows, same bytes, whatever was
// before and whatever is in the cache; a change costs its own packages.
#include "backends/shards/path_index.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include "backends/shards/gzip.hpp"
#include "backends/shards/path_lines.hpp"
#include "backends/shards/path_table.hpp"
#include "backends/shards/path_writer.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/scratch.hpp"

namespace {
namespace fs = std::filesystem;

using Package = shards::Contribution;

class PathIndex : public testing::Test {
  protected:
    /// A version of a package; the same arguments always give the same row.
    core::Row row(const std::string& name, int version, const std::string& paths,
                  const std::string& section = "net") {
        const std::string path = "pool/" + name + "_" + std::to_string(version) + ".deb";
        core::Row row(path, name, {}, {}, core::sha256(path + section + paths));
        packages_[row.digest] = {section + "/" + name, paths};
        return row;
    }

    static core::Rows sorted(core::Rows rows) {
        std::ranges::sort(rows, {}, &core::Row::path);
        return rows;
    }

    struct Index {
        std::string bytes;
        shards::Written written;
        int contributions = 0;
    };

    Index write(const core::Rows& rows, const core::Rows& before, const std::string& cache) {
        core::Rows added, removed;
        const auto by_path = [](const core::Row& a, const core::Row& b) { return a.path < b.path; };
        std::ranges::set_difference(rows, before, std::back_inserter(added), by_path);
        std::ranges::set_difference(before, rows, std::back_inserter(removed), by_path);
        std::atomic<int> read = 0;
        Index index;
        index.written = shards::write_path_index(
            core::Cache(directory_ / cache), "test-1", rows, {added, removed},
            [&](const core::Row& row) {
                ++read;
                const auto found = packages_.find(row.digest);
                if (found == packages_.end()) throw core::Error("lost: " + std::string(row.path));
                return found->second;
            },
            directory_ / (cache + ".gz"));
        index.contributions = read;
        index.bytes = core::read_file(directory_ / (cache + ".gz"));
        return index;
    }

    Index from_nothing(const core::Rows& rows) {
        fs::remove_all(directory_ / "empty");
        return write(rows, {}, "empty");
    }

    std::string text_of(const Index& index) {
        std::string text;
        EXPECT_TRUE(shards::open_members(index.bytes, index.written.plain_size,
                                         [&](std::string_view part) { text += part; }));
        EXPECT_EQ(core::sha256(text), index.written.plain_digest);
        EXPECT_EQ(core::sha256(index.bytes), index.written.gzip_digest);
        EXPECT_EQ(index.bytes.size(), index.written.gzip_size);
        return text;
    }

    std::string model_of(const core::Rows& rows) {
        std::map<std::string, std::set<std::string>> owners;
        for (const core::Row& row : rows) {
            const Package& package = packages_.at(row.digest);
            std::istringstream lines(package.paths);
            for (std::string path; std::getline(lines, path);) {
                owners[path].insert(package.owner);
            }
        }
        std::string text;
        for (const auto& [path, names] : owners) {
            text += path + " ";
            for (const std::string& name : names) text += name + ",";
            text.back() = '\n';
        }
        return text;
    }

    /// `count` packages of 30 paths, some of them shared.
    core::Rows many(int count) {
        core::Rows rows;
        for (int i = 0; i < count; ++i) {
            const std::string name = "argus" + std::to_string(i * 7919 % 10007);
            std::string paths = "usr/share/common\n";
            for (int file = 0; file < 30; ++file) {
                paths += "usr/share/" + name + "/" + std::to_string(file) + "\n";
            }
            rows.push_back(row(name, 1, paths));
        }
        return sorted(rows);
    }

    /// In how many packs the index of a state is.
    std::size_t packs_of(const core::Rows& rows) const {
        const shards::PathTables tables(
            directory_ / "cache" / "shards",
            "test-1" + std::string(1, '\0') + shards::path_compressor_name());
        shards::RowList list;
        for (const core::Row& row : rows) list.push_back(&row);
        return tables.load(tables.state_of(list)).value().packs.size();
    }

    std::vector<fs::path> cached(const std::string& cache) const {
        std::vector<fs::path> files;
        for (const auto& entry : fs::recursive_directory_iterator(directory_ / cache / "shards")) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
        std::ranges::sort(files);
        return files;
    }

    tests::Scratch directory_;
    std::map<core::Digest, Package> packages_;
};

}  // namespace

TEST_F(PathIndex, HasALineForEachPathAndEachOwnerOnce) {
    const core::Rows rows = sorted({row("argus", 1, "usr/bin/argus\nusr/share/all\n"),
                                    row("argus", 2, "usr/bin/argus\nusr/lib/with blank\n"),
                                    row("argus-doc", 1, "usr/share/all\nusr/share-doc\n", "doc")});
    EXPECT_EQ(text_of(from_nothing(rows)),
              "usr/bin/argus net/argus\n"
              "usr/lib/with blank net/argus\n"
              "usr/share-doc doc/argus-doc\n"
              "usr/share/all doc/argus-doc,net/argus\n");
}

TEST_F(PathIndex, OfNothingIsAValidFile) {
    const Index index = from_nothing({});
    EXPECT_EQ(text_of(index), "");
    EXPECT_FALSE(index.bytes.empty());
    EXPECT_EQ(write({}, {}, "empty").bytes, index.bytes);
    const core::Rows rows = many(1);
    EXPECT_EQ(text_of(write(rows, {}, "empty")), model_of(rows));
    EXPECT_EQ(text_of(write({}, rows, "empty")), "");
}

TEST_F(PathIndex, IsThatOfTheModelWhateverCameAndWent) {
    // Few directories and names, so that paths are shared, and borders come and go.
    std::mt19937 random(4711);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    const auto invented = [&] {
        std::string paths;
        for (int i = below(60); i >= 0; --i) {
            paths += std::string(below(2) ? "usr/lib/" : "etc/") + std::to_string(below(6000)) +
                     (below(3) ? "" : " x") + "\n";
        }
        return row("argus" + std::to_string(below(150)), below(3), paths,
                   below(20) ? "net" : "admin");
    };
    std::map<std::string, core::Row> state;
    core::Rows before;
    int edited = 0;
    for (int round = 0; round < 90; ++round) {
        const int much = round == 0 ? 300 : round % 40 == 0 ? 250 : 12;
        for (int i = below(static_cast<unsigned>(much)); i >= 0; --i) {
            core::Row one = invented();
            if (!state.emplace(one.path, one).second && below(3) != 0)
                state.erase(std::string(one.path));
        }
        if (round % 50 == 49) state.clear();
        core::Rows rows;
        for (const auto& [path, one] : state) rows.push_back(one);
        const Index index = write(rows, before, "cache");
        edited += index.contributions < static_cast<int>(rows.size());
        ASSERT_EQ(text_of(index), model_of(rows)) << "round " << round;
        ASSERT_EQ(index.bytes, from_nothing(rows).bytes) << "round " << round;
        before = rows;
    }
    EXPECT_GT(edited, 70);
}

TEST_F(PathIndex, OfAKnownStateReadsNoPackage) {
    const core::Rows rows = many(500);
    const Index first = write(rows, {}, "cache");
    EXPECT_EQ(first.contributions, 500);
    const Index second = write(rows, {}, "cache");
    EXPECT_EQ(second.contributions, 0);
    EXPECT_EQ(second.bytes, first.bytes);
}

TEST_F(PathIndex, ReadsOnlyPackagesWhoseNamesChanged) {
    const core::Rows before = many(1000);
    write(before, {}, "cache");
    core::Rows rows = before;
    rows.erase(rows.begin() + 400);
    rows.push_back(row(std::string(rows[100].name), 2, "usr/bin/new\n"));
    rows = sorted(rows);
    const Index index = write(rows, before, "cache");
    EXPECT_EQ(index.contributions, 4);  // one that left, one of before, and both versions of now
    EXPECT_EQ(text_of(index), model_of(rows));
    EXPECT_EQ(index.bytes, from_nothing(rows).bytes);
}

TEST_F(PathIndex, WhosePathsAllLieBetweenBordersIsBounded) {
    std::string paths;
    for (int i = 0; i < 40000; ++i) {
        const std::string path = "usr/share/evil/" + std::to_string(100000 + i);
        if (!shards::border_after(path)) paths += path + "\n";
    }
    core::Rows before = many(8);
    before.push_back(row("evil", 1, paths));
    before = sorted(before);
    const std::string text = text_of(write(before, {}, "cache"));
    EXPECT_GT(shards::cut_paths(shards::owners_in(text)).size(), 8u);
    core::Rows rows = before;
    rows.push_back(row("good", 1, "usr/share/evil/100500\nusr/share/evil/100500a\n"));
    rows = sorted(rows);
    const Index index = write(rows, before, "cache");
    EXPECT_EQ(index.contributions, 1);
    EXPECT_EQ(text_of(index), model_of(rows));
    EXPECT_EQ(index.bytes, from_nothing(rows).bytes);
}

TEST_F(PathIndex, StaysTogetherAfterManyChanges) {
    const core::Rows all = many(800);
    core::Rows rows = all;
    write(rows, {}, "cache");
    for (int change = 0; change < 20; ++change) {
        const core::Rows before = rows;
        const std::string name(all[static_cast<std::size_t>(change) * 40].name);
        rows.push_back(row("change" + std::to_string(change), 1, "usr/share/" + name + "/+\n"));
        rows = sorted(rows);
        ASSERT_EQ(write(rows, before, "cache").contributions, 1);
        ASSERT_LE(packs_of(rows), 9u) << change;
    }
    EXPECT_EQ(write(rows, rows, "cache").bytes, from_nothing(rows).bytes);
}

TEST_F(PathIndex, WhoseCacheIsDamagedIsMadeFromNothing) {
    const core::Rows before = many(20);
    core::Rows rows = before;
    rows.push_back(row("more", 1, "usr/bin/more\n"));
    rows = sorted(rows);
    write(before, {}, "cache");
    const std::string sound = from_nothing(rows).bytes;
    const std::vector<fs::path> files = cached("cache");
    ASSERT_EQ(files.size(), 2u);  // a table and a pack
    std::mt19937 random(1);
    for (const fs::path& file : files) {
        const std::string bytes = core::read_file(file);
        for (int round = 0; round < 100; ++round) {
            std::string damaged = bytes;
            const std::size_t at = random() % bytes.size();
            if (round % 3 == 0) {
                damaged.resize(at);
            } else {
                damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
            }
            core::write_file(file, damaged);
            ASSERT_EQ(write(rows, before, "cache").bytes, sound) << file << " " << at;
            ASSERT_EQ(write(rows, before, "cache").bytes, sound) << "mended";
            core::write_file(file, bytes);
            for (const fs::path& made : cached("cache")) {
                if (std::ranges::count(files, made) == 0) fs::remove(made);
            }
        }
        fs::remove(file);
        ASSERT_EQ(write(rows, before, "cache").bytes, sound) << file << " deleted";
        core::write_file(file, bytes);
    }
}

TEST_F(PathIndex, WhoseCacheIsDeletedMeanwhileIsTheSame) {
    const core::Rows before = many(300);
    core::Rows rows = before;
    rows.erase(rows.begin() + 5);
    const std::string sound = from_nothing(rows).bytes;
    std::jthread vandal([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::error_code busy;
            fs::remove_all(directory_ / "cache", busy);
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    });
    for (int round = 0; round < 10; ++round) {
        write(before, {}, "cache");
        EXPECT_EQ(write(rows, before, "cache").bytes, sound);
    }
}

TEST_F(PathIndex, NeedsNoPackageThatIsGone) {
    const core::Rows before = many(50);
    core::Rows rows = before;
    write(before, {}, "cache");
    packages_.erase(rows[7].digest);
    rows.erase(rows.begin() + 7);
    EXPECT_EQ(text_of(write(rows, before, "cache")), model_of(rows));
}

TEST_F(PathIndex, OfAPackageThatCannotBeReadIsAnError) {
    const core::Rows rows = many(5);
    packages_.erase(rows[2].digest);
    EXPECT_THROW(write(rows, {}, "cache"), core::Error);
}

TEST(PathLines, AreReadBackAsTheyWere) {
    const shards::PathOwners all{{"a", "x"}, {"a b", "x"}, {"a b", "y"}, {"a b c", "z/x"}};
    EXPECT_EQ(shards::lines_of(all), "a x\na b x,y\na b c z/x\n");
    const std::string text = shards::lines_of(all);
    EXPECT_EQ(shards::owners_in(text), all);
}

TEST(PathLines, AreCutTheSameWayAfterEveryBorder) {
    std::vector<std::string> paths;
    for (int i = 100000; i < 120000; ++i) paths.push_back(std::to_string(i));
    shards::PathOwners all;
    for (const std::string& path : paths) all.push_back({path, "x"});
    const auto parts = shards::cut_paths(all);
    EXPECT_GT(parts.size(), 10u);
    for (std::size_t skipped = 1; skipped < parts.size(); ++skipped) {
        if (!shards::border_after(parts[skipped - 1].back().path)) continue;
        const auto at = static_cast<std::size_t>(parts[skipped].data() - all.data());
        const auto rest = shards::cut_paths(shards::PathPart(all).subspan(at));
        ASSERT_EQ(rest.size(), parts.size() - skipped);
        for (std::size_t i = 0; i < rest.size(); ++i) {
            ASSERT_EQ(rest[i].data(), parts[skipped + i].data());
        }
    }
}

TEST(PathLines, ArePutInOrderWithoutRepetitions) {
    std::vector<std::string> paths;
    std::mt19937 random(5);
    for (int i = 0; i < 5000; ++i) paths.push_back(std::to_string(random() % 3000));
    for (const std::size_t count : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 9u, 4999u, 5000u}) {
        shards::PathOwners all;
        std::set<std::string_view> expected;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back({paths[i], "x"});
            expected.insert(paths[i]);
        }
        shards::put_in_order(all);
        ASSERT_TRUE(std::ranges::equal(all, expected, {}, &shards::PathOwner::path)) << count;
    }
}
