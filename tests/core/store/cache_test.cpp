// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the cache is what was put there, or it is not there: whatever became of its files, and
// whoever else uses them.
#include "core/store/cache.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <stop_token>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "tests/cache_files.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {
namespace fs = std::filesystem;

using Key = core::Cache::Key;

class Cache : public testing::Test {
  protected:
    static std::string name(std::size_t number) { return "value " + std::to_string(number); }
    static std::string value(std::size_t number) {
        return name(number) +
               std::string(number * 7919 % 3000, static_cast<char>('a' + number % 26));
    }
    static core::Digest package(std::size_t number) { return core::sha256(name(number)); }
    static Key of_package(std::size_t number) { return Key(package(number), Key::Kind::package); }

    void put(std::size_t number) const { cache.put(name(number), value(number)); }

    /// How many of the first values are there. Each that is has to be the right one.
    std::size_t there(std::size_t count) const {
        const core::Cache fresh(fragments);
        std::size_t found = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto kept = fresh.get(name(i));
            EXPECT_TRUE(!kept || kept == value(i)) << i;
            EXPECT_EQ(cache.get(name(i)), kept) << i;
            found += kept ? 1 : 0;
        }
        return found;
    }

    std::vector<fs::path> files() const { return tests::files_of_cache(fragments); }

    std::uintmax_t bytes() const {
        std::uintmax_t sum = 0;
        for (const fs::path& file : files()) sum += fs::file_size(file);
        return sum;
    }

    static void sweep(const core::Cache& cache, const std::set<core::Digest>& named = {}) {
        cache.sweep([&](const core::Digest& digest) { return named.contains(digest); },
                    std::time(nullptr));
    }

    tests::Scratch directory = tests::Scratch::in_memory();
    const fs::path fragments = directory / "fragments";
    core::Cache cache{fragments};
};

TEST_F(Cache, GivesBackWhatWasPut) {
    EXPECT_EQ(cache.get("a"), std::nullopt);
    const core::Cache other(fragments);
    for (const std::string& one :
         {std::string(), std::string("a\0\n", 3), std::string(1 << 20, 'x'), std::string("b")}) {
        cache.put("a", one);
        EXPECT_EQ(cache.get("a"), one);
        EXPECT_EQ(other.get("a"), one);
    }
    other.put("a", "other");
    EXPECT_EQ(cache.get("a"), "other");
    for (std::size_t i = 0; i < 500; ++i) put(i);
    EXPECT_EQ(there(501), 500u);
    EXPECT_LE(files().size(), 257u);
}

TEST_F(Cache, KnowsPackagesAndOthersApart) {
    cache.put(of_package(1), "fragments");
    cache.put(Key(package(1)), "shard");
    EXPECT_EQ(cache.get(of_package(1)), "fragments");
    EXPECT_EQ(cache.get(Key(package(1))), "shard");
}

TEST_F(Cache, TakesAnyDamageForAbsence) {
    put(5);
    ASSERT_EQ(files().size(), 2u);
    for (const fs::path& file : files()) {
        const std::string good = core::read_file(file);
        const bool index = file.parent_path().filename() == "index";
        for (std::size_t i = 0; i < good.size(); i += index ? 1 : 101) {
            std::string bad = good;
            bad[i] = static_cast<char>(bad[i] ^ 1 << i % 8);
            core::write_file(file, bad);
            EXPECT_EQ(there(6), index && i >= tests::used_in_line ? 1u : 0u) << file << " " << i;
            core::write_file(file, good.substr(0, i));
            EXPECT_EQ(there(6), 0u) << file << " " << i;
        }
        core::write_file(file, good);
        EXPECT_EQ(there(6), 1u);
    }
}

TEST_F(Cache, OutlastsAnyCutAndAnyFlippedByte) {
    constexpr std::size_t count = 12;
    for (std::size_t i = 0; i < count; ++i) put(i);
    std::vector<std::pair<fs::path, std::string>> good;
    for (const fs::path& file : files()) good.emplace_back(file, core::read_file(file));
    std::mt19937 random(20261130);
    std::size_t lost = 0;
    for (int round = 0; round < 1100; ++round) {
        // Half of them in the values, half in the index.
        const auto& [file, bytes] = good[random() % (round % 2 == 0 ? 1 : good.size())];
        const std::size_t at = random() % bytes.size();
        std::string bad = bytes;
        if (round % 11 == 0) {
            bad.resize(at);
        } else {
            bad[at] = static_cast<char>(bad[at] ^ (1 + random() % 255));
        }
        core::write_file(file, bad);
        const core::Cache fresh(fragments);
        for (std::size_t i = 0; i < count; ++i) {
            const auto kept = fresh.get(name(i));
            if (kept == value(i)) continue;
            ASSERT_FALSE(kept) << i;
            ++lost;
            fresh.put(name(i), value(i));
            ASSERT_EQ(fresh.get(name(i)), value(i));
        }
        for (const auto& [whole, text] : good) core::write_file(whole, text);
    }
    EXPECT_GT(lost, 1000u);
    EXPECT_EQ(there(count), count);
}

TEST_F(Cache, KeepsWhatThereIsRoomFor) {
    put(0);
    for (const char* call : {"write", "pread"}) {
        for (const std::string& file :
             {std::string("/values/1"), std::string("/index/") + package(1).hex().substr(0, 2)}) {
            const Fault full(call, file, ENOSPC, 1000);
            put(1);
            EXPECT_TRUE(!cache.get(name(1)) || cache.get(name(1)) == value(1));
        }
    }
    const Fault full("write", "", ENOSPC, 1000);
    const core::Cache other(directory / "other");
    other.put("a", "1");
    EXPECT_EQ(other.get("a"), std::nullopt);
    EXPECT_GT(full.met(), 0);
    EXPECT_GE(there(1), 1u);
}

TEST_F(Cache, OutlastsADiskThatIsFullHalfWayThroughAWrite) {
    std::signal(SIGXFSZ, SIG_IGN);
    for (std::size_t i = 0; i < 30; ++i) {
        rlimit limit{};
        ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
        // Room for one line and a half, or for some values.
        const rlimit small{i % 2 == 0 ? 100u : 100u + i * 1000u, limit.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
        for (std::size_t k = 0; k < 60; ++k) put(k);
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
        there(60);
    }
    std::signal(SIGXFSZ, SIG_DFL);
    EXPECT_LT(there(60), 60u);
    for (std::size_t k = 0; k < 60; ++k) put(k);
    EXPECT_EQ(there(60), 60u);
}

TEST_F(Cache, IsSharedByThreadsAndByProcessesOnBothSidesOfAFork) {
    put(0);
    // Little by little, so that they meet.
    const auto little = [](std::size_t number) { return "x" + name(number); };
    constexpr std::size_t each = 1500;
    for (std::size_t process = 1; process <= 3; ++process) {
        if (::fork() != 0) continue;
        for (std::size_t i = 0; i < each; ++i) {
            cache.put(little(each * process + i), name(each * process + i));
        }
        ::_exit(0);
    }
    core::parallel_for(each, [&](std::size_t i) { cache.put(little(i), name(i)); });
    for (int i = 0; i < 3; ++i) ::wait(nullptr);
    const core::Cache other(fragments);
    for (std::size_t i = 0; i < 4 * each; ++i) ASSERT_EQ(other.get(little(i)), name(i)) << i;
    const std::string values[] = {std::string(5000, 'a'), std::string(9000, 'b')};
    core::parallel_for(200, [&](std::size_t i) {
        cache.put("shared", values[i % 2]);
        const auto kept = cache.get("shared");
        ASSERT_TRUE(kept == values[0] || kept == values[1]);
    });
}

TEST_F(Cache, IsReadByOneWhoMayNotWriteIt) {
    for (std::size_t i = 0; i < 10; ++i) put(i);
    tests::grow_old(fragments, 3);  // so that reading would mark it
    ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
    const auto before = bytes();
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
        const core::Cache other(fragments);
        for (std::size_t i = 0; i < 10; ++i) {
            if (other.get(name(i)) != value(i)) ::_exit(3);
        }
        if (::getuid() == 65534) {
            other.put(name(1), "another");
            if (other.get(name(1)) != value(1)) ::_exit(4);
            other.mark_as_used(name(1));
        }
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(bytes(), before);
}

TEST_F(Cache, MayBeDeletedAtAnyTime) {
    put(1);
    for (const char* part : {"values", "index", ""}) {
        fs::remove_all(fragments / part);
        EXPECT_EQ(there(2), 0u) << part;
        put(1);
        EXPECT_EQ(there(2), 1u) << part;
    }
    std::jthread vandal([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::error_code busy;
            fs::remove_all(fragments, busy);
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    });
    for (std::size_t i = 0; i < 500; ++i) {
        put(i);
        const auto kept = cache.get(name(i));
        ASSERT_TRUE(!kept || kept == value(i)) << i;
    }
}

TEST_F(Cache, DoesNotWaitForAPipeInThePlaceOfAFile) {
    for (const char* part : {"values", "index"}) {
        put(5);
        const fs::path file = tests::files_of_cache(fragments / part).front();
        fs::remove(file);
        ASSERT_EQ(::mkfifo(file.c_str(), 0644), 0);
        ::alarm(20);  // ends the process, where it waits
        EXPECT_EQ(there(6), 0u);
        core::Cache(fragments).put(name(5), value(5));
        sweep(cache);
        put(5);
        ::alarm(0);
        EXPECT_EQ(there(6), 1u) << part;
    }
}

TEST_F(Cache, AddsToANewFileWhenTheLastOneIsLarge) {
    put(1);
    fs::resize_file(fragments / "values/1", 64u << 20);
    put(2);
    core::Cache(fragments).put(name(3), value(3));
    EXPECT_EQ(fs::file_size(fragments / "values/2"), value(2).size() + value(3).size());
    EXPECT_EQ(cache.get(name(1)), value(1));
    EXPECT_EQ(there(4), 3u);
}

TEST_F(Cache, DropsWhatNobodyUsedForAMonth) {
    for (std::size_t i = 0; i < 20; ++i) put(i);
    tests::grow_old(fragments, 32);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(cache.get(name(i)), value(i));
    cache.mark_as_used(name(5));
    cache.mark_as_used(name(77));
    sweep(core::Cache(fragments));
    EXPECT_EQ(there(20), 6u);
    tests::change_times(fragments, [](std::uint32_t& used) { used += 24 * 60 * 60; });
    sweep(cache);
    EXPECT_EQ(there(20), 0u) << "a time to come is none";
    EXPECT_EQ(bytes(), 0u);
    put(1);
    EXPECT_EQ(there(2), 1u);
}

TEST_F(Cache, DropsPackagesThatAreNotNamed) {
    for (std::size_t i = 0; i < 20; ++i) cache.put(of_package(i), value(i));
    sweep(cache, {package(3)});
    EXPECT_EQ(cache.get(of_package(19)), value(19)) << "an admission may go on";
    tests::grow_old(fragments, 100);
    sweep(cache, {package(3)});
    EXPECT_EQ(cache.get(of_package(3)), value(3));
    EXPECT_EQ(cache.get(of_package(4)), std::nullopt);
    EXPECT_EQ(bytes(), value(3).size() + tests::cache_line);
}

TEST_F(Cache, DoesNotGrowByWhatIsReplacedOrSwept) {
    std::set<core::Digest> named;
    for (std::size_t i = 0; i < 100; ++i) {
        cache.put(of_package(i), value(i));
        named.insert(package(i));
    }
    const auto once = bytes();
    for (int round = 0; round < 20; ++round) {
        for (std::size_t i = 0; i < 20; ++i) cache.put(name(i), value(i));
        sweep(round % 2 == 0 ? cache : core::Cache(fragments), named);
        EXPECT_LT(bytes(), 3 * once) << round;
        const auto swept = bytes();
        sweep(cache, named);
        EXPECT_EQ(bytes(), swept);
    }
    EXPECT_EQ(there(20), 20u);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(cache.get(of_package(i)), value(i)) << i;
}

TEST_F(Cache, DropsWhatIsNotOfItsForm) {
    put(1);
    for (const char* file : {"owners", "shards/ab/abcd", "packs/0123", "index/.ab.7.0.new",
                             "values/007", "values/x", "index/zz/y"}) {
        core::make_directories((fragments / file).parent_path());
        core::write_file(fragments / file, std::string(64, 'x'));
    }
    sweep(cache);
    EXPECT_EQ(files().size(), 2u);
    EXPECT_EQ(there(2), 1u);
    fs::remove_all(fragments / "index");
    core::write_file(fragments / "index", "");
    put(1);
    EXPECT_EQ(there(2), 0u);
    sweep(cache);
    put(1);
    EXPECT_EQ(there(2), 1u);
}

}  // namespace
}  // namespace core_test
