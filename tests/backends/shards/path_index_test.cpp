// SPDX-License-Identifier: GPL-3.0-or-later
// An index of paths: a naive model says what it must be; same rows, same bytes.
#include "backends/shards/path_index.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace {
namespace fs = std::filesystem;

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

    struct Index {
        std::string bytes;
        std::string text;
    };

    Index write(const core::Rows& rows) {
        const fs::path file = directory_ / "index.gz";
        fs::remove(file);
        const shards::Written written = shards::write_path_index(
            rows,
            [&](const core::Row& row) {
                const auto found = packages_.find(row.digest);
                if (found == packages_.end()) throw core::Error("lost: " + std::string(row.path));
                return found->second;
            },
            file);
        Index index{core::read_file(file), ""};
        EXPECT_TRUE(
            shards::open_members(index.bytes, written.plain_size, [&](std::string_view part) {
                index.text += part;
                longest_ = std::max(longest_, part.size());
                ++members_;
            }));
        EXPECT_EQ(core::sha256(index.text), written.plain_digest);
        EXPECT_EQ(core::sha256(index.bytes), written.gzip_digest);
        EXPECT_EQ(index.bytes.size(), written.gzip_size);
        return index;
    }

    std::string model_of(const core::Rows& rows) {
        std::map<std::string, std::set<std::string>> owners;
        for (const core::Row& row : rows) {
            const shards::Contribution& package = packages_.at(row.digest);
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

    tests::Scratch directory_;
    std::map<core::Digest, shards::Contribution> packages_;
    std::size_t members_ = 0;  // of what was written, and the longest text of one
    std::size_t longest_ = 0;
};

}  // namespace

TEST_F(PathIndex, HasALineForEachPathAndEachOwnerOnce) {
    const core::Rows rows{row("argus", 1, "usr/bin/argus\nusr/share/all\n"),
                          row("argus", 2, "usr/bin/argus\nusr/lib/with blank\n"),
                          row("argus-doc", 1, "usr/share/all\nusr/share-doc\n", "doc")};
    EXPECT_EQ(write(rows).text,
              "usr/bin/argus net/argus\n"
              "usr/lib/with blank net/argus\n"
              "usr/share-doc doc/argus-doc\n"
              "usr/share/all doc/argus-doc,net/argus\n");
}

TEST_F(PathIndex, OfNothingIsAValidFile) {
    const Index index = write({});
    EXPECT_EQ(index.text, "");
    EXPECT_FALSE(index.bytes.empty());
}

TEST_F(PathIndex, IsThatOfTheModelInWhateverOrderTheRowsAre) {
    // Few directories and names, so that paths are shared; most sizes leave one processor less.
    std::mt19937 random(4711);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    for (const int count : {1, 2, 3, 5, 300}) {
        std::map<std::string, core::Row> all;
        for (int i = 0; i < count; ++i) {
            std::string paths;
            for (int file = below(60); file >= 0; --file) {
                paths += std::string(below(2) ? "usr/lib/" : "etc/") + std::to_string(below(6000)) +
                         (below(3) ? "" : " x") + "\n";
            }
            const core::Row one = row("argus" + std::to_string(below(150)), below(3), paths,
                                      below(20) ? "net" : "admin");
            all.emplace(one.path, one);
        }
        core::Rows rows;
        for (const auto& [path, one] : all) rows.push_back(one);
        const Index index = write(rows);
        EXPECT_EQ(index.text, model_of(rows));
        std::ranges::shuffle(rows, random);
        EXPECT_EQ(write(rows).bytes, index.bytes);
    }
}

TEST_F(PathIndex, HasMembersThatDoNotFollowWhatChangesElsewhere) {
    std::string paths;
    for (int i = 0; i < 20000; ++i) paths += "usr/share/argus/" + std::to_string(i * 7919) + "\n";
    const Index before = write({row("argus", 1, paths)});
    EXPECT_GT(members_, 20u);
    const Index after = write({row("argus", 1, paths), row("bare", 1, "usr/share/a\n")});
    EXPECT_NE(after.bytes, before.bytes);
    const std::size_t half = before.bytes.size() / 2;
    EXPECT_TRUE(after.bytes.ends_with(before.bytes.substr(half)));
}

TEST_F(PathIndex, WhosePathsAllLieBetweenBordersIsBounded) {
    std::string paths;
    for (int i = 0; i < 40000; ++i) {
        const std::string path = "usr/share/evil/" + std::to_string(100000 + i);
        if ((shards::crc32(path) & 0x1ff) != 0) paths += path + "\n";
    }
    const core::Rows rows{row("evil", 1, paths)};
    EXPECT_EQ(write(rows).text, model_of(rows));
    EXPECT_LE(longest_, 4096 * std::string("usr/share/evil/100000 net/evil\n").size());
}

TEST_F(PathIndex, OfAPackageThatCannotBeReadIsAnError) {
    const core::Rows rows{row("argus", 1, "a\n"), row("gone", 1, "b\n")};
    packages_.erase(rows[1].digest);
    EXPECT_THROW(write(rows), core::Error);
}
