// SPDX-License-Identifier: GPL-3.0-or-later
// Fragments are found by whoever asks, or not there; they are never others than those kept.
#include "backends/shards/fragment_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"
#include "tests/scratch.hpp"

namespace {

namespace fs = std::filesystem;
using shards::Fragments;

class FragmentStore : public testing::Test {
  protected:
    static core::Digest package(std::size_t number) { return core::sha256(std::to_string(number)); }
    static Fragments fragments_of(std::size_t number) {
        return {"primary " + std::to_string(number) + "\n", std::string(number % 999, 'x')};
    }
    void put(std::size_t number) { store.put(package(number), fragments_of(number)); }

    /// Each regular file of the cache.
    std::vector<fs::path> files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(directory / "fragments")) {
            if (entry.is_regular_file()) found.push_back(entry.path());
        }
        return found;
    }

    tests::Scratch directory;
    const core::Cache cache{directory / "fragments"};
    shards::FragmentStore store{cache};
};

TEST_F(FragmentStore, GivesBackWhatWasKept) {
    EXPECT_EQ(store.get(package(1), 2), std::nullopt);
    for (std::size_t i = 0; i < 2000; ++i) put(i);
    const shards::FragmentStore other(cache);
    for (std::size_t i = 0; i < 2000; ++i) EXPECT_EQ(other.get(package(i), 2), fragments_of(i));
    EXPECT_EQ(store.get(package(2000), 2), std::nullopt);
    EXPECT_EQ(store.get(package(1), 3), std::nullopt) << "of another format";
    EXPECT_LE(files().size(), 257u) << "tables, and one pack for all";
}

TEST_F(FragmentStore, WhatIsKeptLastCounts) {
    put(7);
    store.put(package(7), {"newer"});
    EXPECT_EQ(store.get(package(7), 1), Fragments{"newer"});
    shards::FragmentStore(cache).put(package(7), {"", "newest"});
    EXPECT_EQ(store.get(package(7), 2), (Fragments{"", "newest"}));
}

TEST_F(FragmentStore, DropsWhatIsNotNeededOrWasKeptAgain) {
    for (std::size_t i = 0; i < 20; ++i) put(i);
    for (std::size_t i = 0; i < 10; ++i)
        shards::FragmentStore(cache).put(package(i), fragments_of(i));
    const auto needed = [](const core::Digest& digest) { return digest == package(3); };
    store.keep_only(needed);
    EXPECT_EQ(store.get(package(19), 2), fragments_of(19)) << "an admission may go on";
    for (const fs::path& file : files()) {
        fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(25));
    }
    store.keep_only(needed);
    EXPECT_EQ(store.get(package(3), 2), fragments_of(3));
    EXPECT_EQ(store.get(package(4), 2), std::nullopt);
    std::uintmax_t bytes = 0;
    std::size_t packs = 0;
    for (const fs::path& file : files()) {
        if (file.parent_path().filename() == "packs") ++packs;
        if (file.parent_path().filename() == "packages") bytes += fs::file_size(file);
    }
    EXPECT_EQ(packs, 1u);
    EXPECT_EQ(bytes, 88u) << "one line";
    put(4);
    EXPECT_EQ(store.get(package(4), 2), fragments_of(4));
}

TEST_F(FragmentStore, IsSharedByThreadsAndByProcessesOnBothSidesOfAFork) {
    put(0);
    for (std::size_t process = 1; process <= 3; ++process) {
        if (::fork() != 0) continue;
        for (std::size_t i = 0; i < 300; ++i) put(1000 * process + i);
        ::_exit(0);
    }
    core::parallel_for(300, [&](std::size_t i) { put(1 + i); });
    for (int i = 0; i < 3; ++i) ::wait(nullptr);
    for (std::size_t process = 0; process <= 3; ++process) {
        for (std::size_t i = 0; i < 300; ++i) {
            const std::size_t number = 1000 * process + i;
            ASSERT_EQ(store.get(package(number), 2), fragments_of(number)) << number;
        }
    }
}

TEST_F(FragmentStore, WhateverIsDamagedIsNotThere) {
    put(5);
    ASSERT_EQ(files().size(), 2u);
    for (const fs::path& file : files()) {
        const std::string good = core::read_file(file);
        for (std::size_t i = 0; i < good.size(); ++i) {
            std::string bad = good;
            bad[i] = static_cast<char>(bad[i] ^ 0x40);
            core::write_file(file, bad);
            EXPECT_EQ(store.get(package(5), 2), std::nullopt) << file << " " << i;
            core::write_file(file, good.substr(0, i));
            EXPECT_EQ(store.get(package(5), 2), std::nullopt) << file << " " << i;
        }
        core::write_file(file, good);
        EXPECT_EQ(store.get(package(5), 2), fragments_of(5));
    }
}

TEST_F(FragmentStore, ATableThatEndsWithinALineIsBegunAnew) {
    put(5);
    const fs::path table = directory / "fragments/packages" / package(5).hex().substr(0, 2);
    core::write_file(table, core::read_file(table) + "half a line");
    EXPECT_EQ(store.get(package(5), 2), fragments_of(5));
    store.put(package(5), {"again"});
    EXPECT_EQ(store.get(package(5), 1), Fragments{"again"});
}

TEST_F(FragmentStore, APipeInThePlaceOfATableOrAPackIsToldAndNotWaitedFor) {
    put(5);
    for (const fs::path& file : files()) {
        const std::string good = core::read_file(file);
        fs::remove(file);
        ASSERT_EQ(::mkfifo(file.c_str(), 0644), 0);
        ::alarm(20);  // ends the process, where it waits
        const shards::FragmentStore other(cache);
        EXPECT_EQ(other.get(package(5), 2), std::nullopt);
        if (file.parent_path().filename() == "packages") {
            EXPECT_THROW(other.put(package(5), {"again"}), core::Error);
        } else {
            other.put(package(5), {"again"});
            EXPECT_EQ(other.get(package(5), 1), Fragments{"again"});
        }
        ::alarm(0);
        fs::remove(file);
        core::write_file(file, good);
    }
}

TEST_F(FragmentStore, OutlastsACacheThatIsDeleted) {
    put(1);
    for (const char* part : {"packs", "packages", ""}) {
        fs::remove_all(directory / "fragments" / part);
        EXPECT_EQ(store.get(package(1), 2), std::nullopt) << part;
        put(1);
        EXPECT_EQ(store.get(package(1), 2), fragments_of(1)) << part;
    }
}

TEST_F(FragmentStore, APackThatWasCutIsNotAddedTo) {
    put(1);
    for (const auto& pack : fs::directory_iterator(directory / "fragments/packs")) {
        fs::resize_file(pack.path(), 3);
    }
    EXPECT_EQ(store.get(package(1), 2), std::nullopt);
    put(2);
    EXPECT_EQ(store.get(package(2), 2), fragments_of(2));
}

}  // namespace
