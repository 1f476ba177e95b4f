// SPDX-License-Identifier: GPL-3.0-or-later
// The life of an index and its patches: whatever came and went, and whatever became of the files, a
// client at any state of the chain ends at the present one. apt's own tool applies the scripts, as
// apt does: merged into one.
#include "backends/apt/patches.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

#include "backends/apt/release_file.hpp"
#include "core/model/error.hpp"
#include "core/store/roster.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {
namespace fs = std::filesystem;

constexpr const char* index_name = "main/binary-amd64";

core::Row row_numbered(unsigned number) {
    char path[32];
    std::snprintf(path, sizeof path, "pool/%06u.deb", number);
    return {path, "", "", "", core::sha256(path), "release"};
}

std::string entry_of(const core::Row& row) {
    std::string text =
        fmt::format("Package: {}\nSHA256: {}\nDescription:\n", row.path, row.digest.hex());
    for (int line = 0; line < row.digest.bytes[3] % 7; ++line) text += " .\n text\n";
    return text + "\n";
}

class Patches : public testing::Test {
  protected:
    struct Published {
        fs::path directory;
        std::string text;  // Packages
        apt::WrittenPatches offered;
        apt::DiffIndex index;
        std::uint64_t gzip_size = 0;
    };

    /// Makes the next generation from `rows_` after `change`, which edits it.
    Published publish(const std::vector<unsigned>& coming, const std::vector<unsigned>& leaving) {
        core::Predecessor before;
        if (generation_ != 0) before.directory = directory_of(generation_);
        std::vector<core::Edit> edits;
        const std::string arriving = fmt::format("release-{}", generation_ + 1);
        arrivals_[arriving] = generation_ + 1;
        for (const unsigned number : coming) {
            // One that was there before comes back to its place, as by a rollback.
            const std::string& release = release_of_.try_emplace(number, arriving).first->second;
            edits.push_back({true, release, row_numbered(number)});
        }
        for (const unsigned number : leaving) {
            edits.push_back({false, release_of_[number], row_numbered(number)});
        }
        core::Change change = core::edited(std::move(rows_), edits, arrivals_);
        rows_ = change.rows;
        before.added[index_name] = change.added;
        before.removed[index_name] = change.removed;
        return compose(before, ++generation_);
    }

    fs::path directory_of(std::uint64_t generation) const {
        return workshop_.path("generation-" + std::to_string(generation));
    }

    Published compose(const core::Predecessor& before, std::uint64_t generation) {
        Published made;
        made.directory = directory_of(generation);
        const fs::path suite = made.directory / "dists/umd5";
        core::make_directories(suite / index_name);
        const std::function<std::string(const core::Row&)> entry = [&](const core::Row& row) {
            if (row.path == unreadable_) throw core::Error("it is damaged");
            return entry_of(row);
        };
        const shards::File file{"", "", suite / index_name / "Packages", {}, true};
        const std::vector<shards::Written> all = shards::write_index(
            workshop_.cache(), "test", rows_, {file},
            [&](const core::Row& row) { return shards::Fragments{entry_of(row)}; });
        const shards::Written& written = all.front();
        made.text = core::read_file(file.plain);
        made.gzip_size = written.gzip_size;
        made.offered = apt::write_patches(apt::EarlierSuite(before, "umd5"),
                                          {index_name, rows_, written, before.added.at(index_name),
                                           before.removed.at(index_name), entry},
                                          generation, suite);
        list(suite, written, made.offered);
        if (made.offered.index) {
            made.index =
                apt::parse_diff_index(core::read_file(suite / index_name / "Packages.diff/Index"));
        }
        return made;
    }

    /// Release, as it would list what was made.
    static void list(const fs::path& suite, const shards::Written& written,
                     const apt::WrittenPatches& offered) {
        const std::string index = index_name;
        std::vector<apt::Listed> listed{
            {index + "/Packages", written.plain_size, written.plain_digest}};
        if (offered.index) {
            const apt::Content& diff = *offered.index;
            const fs::path file = suite / index / "Packages.diff/Index";
            core::hard_link(file, file.parent_path() / "by-hash/SHA256" / diff.digest.hex());
            listed.push_back({index + "/Packages.diff/Index", diff.size, diff.digest});
        }
        core::write_file(suite / "Release", apt::release_text(core::Composition(), listed));
    }

    fs::path patch_file(const Published& made, const apt::Patch& patch) const {
        return made.directory / "dists/umd5" / index_name / "Packages.diff" / (patch.name + ".gz");
    }

    /// What a client makes of the text `from` with the patches from there on.
    std::string patched(const Published& made, const std::string& from) const {
        core::write_file(workshop_.path("text"), from);
        const apt::Content content{core::sha256(from), from.size()};
        std::string files;
        for (const apt::Patch& patch : made.index.patches) {
            if (patch.from == content || !files.empty()) {
                files += " " + patch_file(made, patch).string();
            }
        }
        workshop_.run("/usr/lib/apt/methods/rred -t text patched" + files);
        return core::read_file(workshop_.path("patched"));
    }

    Published fill(unsigned count) {
        std::vector<unsigned> numbers;
        for (unsigned i = 0; i < count; ++i) numbers.push_back(2 * i);
        return publish(numbers, {});
    }

    Workshop workshop_;
    core::Rows rows_;
    core::Arrivals arrivals_;
    std::map<unsigned, std::string> release_of_;
    std::uint64_t generation_ = 0;
    std::string unreadable_;  // the path of a row
};

}  // namespace

TEST_F(Patches, AreNotOfferedWhereThereIsNothingToPatch) {
    const Published first = publish({1, 2, 3}, {});
    EXPECT_FALSE(first.offered.index);
    EXPECT_FALSE(fs::exists(first.directory / "dists/umd5" / index_name / "Packages.diff"));
}

TEST_F(Patches, LeadFromEveryStateOfTheChainToThePresent) {
    std::mt19937 random(20261122);
    const auto below = [&](std::size_t limit) {
        return static_cast<unsigned>(random() % static_cast<unsigned>(limit));
    };
    const std::string first = fill(400).text;
    std::map<core::Digest, std::string> texts{{core::sha256(first), first}};
    std::size_t longest = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<unsigned> coming, leaving;
        for (unsigned i = below(5); i > 0; --i) coming.push_back(below(900));
        for (unsigned i = below(4); i > 0; --i) {
            const core::Row& row = rows_[below(2) == 0 ? below(rows_.size()) : below(3)];
            leaving.push_back(static_cast<unsigned>(std::stoul(std::string(row.path.substr(5)))));
        }
        const Published made = publish(coming, leaving);
        texts[core::sha256(made.text)] = made.text;
        longest = std::max(longest, made.index.patches.size());
        std::uint64_t size = 0;
        for (const apt::Patch& patch : made.index.patches) {
            size += patch.gzip.size;
            // Each patch is tried when it is new, and again as a link of longer chains.
            if (patch.from != made.index.patches.back().from && random() % 8 != 0) continue;
            const std::string& from = texts.at(patch.from.digest);
            ASSERT_EQ(patched(made, from), made.text) << "round " << round;
        }
        EXPECT_LE(size, made.gzip_size / 2);
    }
    EXPECT_EQ(longest, 24u);
}

TEST_F(Patches, LeadBackAfterARollback) {
    fill(200);
    const std::string first = publish({1}, {}).text;
    const std::string second = publish({3}, {0}).text;
    const std::string third = publish({5}, {}).text;
    const Published back = publish({0}, {3, 5});
    ASSERT_EQ(back.text, first);
    ASSERT_EQ(back.index.patches.size(), 2u);
    EXPECT_EQ(patched(back, second), first);
    EXPECT_EQ(patched(back, third), first);
    const Published again = publish({7}, {});
    for (const std::string& text : {first, second, third})
        EXPECT_EQ(patched(again, text), again.text);
}

TEST_F(Patches, StayTheSameWhereNothingChanged) {
    fill(200);
    publish({1}, {});
    const Published changed = publish({3}, {});
    const Published refreshed = publish({}, {});
    EXPECT_EQ(refreshed.index, changed.index);
    EXPECT_EQ(refreshed.offered.files, changed.offered.files);
    // As the auditor composes: after the generation itself, of its own number.
    core::Predecessor itself{changed.directory, {{index_name, {}}}, {{index_name, {}}}};
    workshop_.run("mv " + changed.directory.string() + " published");
    itself.directory = workshop_.path("published");
    EXPECT_EQ(compose(itself, 3).index, changed.index);
}

TEST_F(Patches, ThatAreDamagedOrMissingCutOffThoseBefore) {
    for (const char* fault : {"rm -f", "truncate -s 1", "sed -i s/./x/"}) {
        workshop_.run("rm -rf generation-*");
        rows_.clear();
        generation_ = 0;
        fill(200);
        publish({1}, {});
        publish({3}, {});
        const Published third = publish({5}, {});
        ASSERT_EQ(third.index.patches.size(), 3u);
        workshop_.run(std::string(fault) + " " +
                      patch_file(third, third.index.patches[1]).string());
        const Published next = publish({7}, {});
        ASSERT_EQ(next.index.patches.size(), 2u) << fault;
        EXPECT_EQ(next.index.patches[0], third.index.patches[2]);
        EXPECT_EQ(patched(next, third.text), next.text);
    }
}

TEST_F(Patches, BeginAnewWhereTheirIndexIsDamagedOrMissing) {
    fill(200);
    publish({1}, {});
    for (const char* fault : {"rm", "truncate -s 1", "sed -i s/SHA256/SHA512/"}) {
        const Published sound = publish({static_cast<unsigned>(generation_) * 2 + 1}, {});
        const std::string by_hash =
            "main/binary-amd64/Packages.diff/by-hash/SHA256/" + sound.offered.index->digest.hex();
        workshop_.run(std::string(fault) + " " +
                      (sound.directory / "dists/umd5" / by_hash).string());
        const Published next = publish({static_cast<unsigned>(generation_) * 2 + 1}, {});
        ASSERT_EQ(next.index.patches.size(), 1u) << fault;
        EXPECT_EQ(patched(next, sound.text), next.text);
    }
}

TEST_F(Patches, AreNotLostToADiskThatDoesNotAnswer) {
    fill(200);
    publish({1}, {});
    const Published sound = publish({3}, {});
    const fs::path suite = sound.directory / "dists/umd5";
    const std::string index =
        "main/binary-amd64/Packages.diff/by-hash/SHA256/" + sound.offered.index->digest.hex();
    for (const fs::path& file :
         {suite / "Release", suite / index, patch_file(sound, sound.index.patches.front())}) {
        const std::string kept = file.string() + ".kept";
        fs::rename(file, kept);
        fs::create_symlink(file.filename(), file);  // leads to itself: the system gives ELOOP
        const core::Rows rows = rows_;
        EXPECT_THROW(publish({5}, {}), core::Error) << file;
        fs::remove_all(directory_of(generation_--));
        rows_ = rows;
        fs::rename(kept, file);
    }
    EXPECT_EQ(publish({5}, {}).index.patches.size(), 3u);
}

TEST_F(Patches, AreNoneWhereReleaseIsNotToBeRead) {
    fill(200);
    const Published made = publish({1}, {});
    core::write_file(made.directory / "dists/umd5/Release", "nothing");
    EXPECT_FALSE(publish({3}, {}).offered.index);
    EXPECT_EQ(publish({5}, {}).index.patches.size(), 1u);
}

TEST_F(Patches, AreNoneWhereTheChangeIsNotKnown) {
    fill(200);
    publish({1}, {});
    rows_.push_back(row_numbered(900000));  // came unseen, as with another version of the program
    rows_.back().arrival = generation_;
    EXPECT_FALSE(publish({3}, {}).offered.index);
    EXPECT_EQ(publish({5}, {}).index.patches.size(), 1u);
}

TEST_F(Patches, AreNoneWhereADamagedPackageLeaves) {
    fill(200);
    unreadable_ = row_numbered(20).path;
    EXPECT_FALSE(publish({}, {20}).offered.index);
    EXPECT_TRUE(publish({1}, {}).offered.index);
}

TEST_F(Patches, OfMostOfTheIndexAreNotMade) {
    fill(20);
    std::vector<unsigned> leaving;
    for (unsigned i = 0; i < 10; ++i) leaving.push_back(2 * i);
    EXPECT_FALSE(publish({}, leaving).offered.index);
}
