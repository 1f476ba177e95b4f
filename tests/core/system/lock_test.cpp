// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/lock.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::Lock;
using core::Scratch;

/// A process that runs `work`, says that it has, and stays until it is killed.
class Process {
  public:
    explicit Process(const std::function<void()>& work) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        id_ = ::fork();
        if (id_ == 0) {
            work();
            [[maybe_unused]] const auto told = ::write(ends[1], "x", 1);
            while (true) ::pause();
        }
        ::close(ends[1]);
        char byte = 0;
        EXPECT_EQ(::read(ends[0], &byte, 1), 1);
        ::close(ends[0]);
    }
    ~Process() { kill(); }

    void kill() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
        id_ = 0;
    }

  private:
    pid_t id_ = 0;
};

TEST(Lock, KeepsOthersOutWhileItLives) {
    const tests::Scratch directory;
    {
        const Lock lock = Lock::wait(directory / "lock");
        EXPECT_FALSE(Lock::try_now(directory / "lock"));
    }
    EXPECT_TRUE(Lock::try_now(directory / "lock"));
}

TEST(Lock, DiesWithItsHolder) {
    const tests::Scratch directory;
    std::optional<Lock> held;
    Process holder([&] { held = Lock::wait(directory / "lock"); });
    EXPECT_FALSE(Lock::try_now(directory / "lock"));
    holder.kill();
    EXPECT_TRUE(Lock::try_now(directory / "lock"));
}

TEST(Lock, WithoutItsDirectoryIsAnError) {
    const tests::Scratch directory;
    EXPECT_THROW(Lock::wait(directory / "missing/lock"), core::Error);
    EXPECT_THROW(Lock::try_now(directory / "missing/lock"), core::Error);
}

TEST(Lock, IsNoPipe) {
    const tests::Scratch directory;
    ASSERT_EQ(::mkfifo((directory / "lock").c_str(), 0644), 0);
    EXPECT_THROW(Lock::wait(directory / "lock"), core::Error);
    EXPECT_THROW(Lock::try_now(directory / "lock"), core::Error);
}

TEST(Scratch, IsGoneWithItsOwner) {
    const tests::Scratch directory;
    fs::path path;
    {
        const Scratch scratch(directory / "work");
        path = scratch.directory();
        fs::create_directories(path / "below/deep");
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(Scratch, BelongsToWhoItWasMovedTo) {
    const tests::Scratch directory;
    Scratch scratch(directory / "work");
    const fs::path path = scratch.directory();
    {
        const Scratch moved(std::move(scratch));
        EXPECT_EQ(moved.directory(), path);
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(Scratch, OfTheLivingSurvivesASweepAndOfTheDeadDoesNot) {
    const tests::Scratch directory;
    const fs::path work = directory / "work";
    const Scratch ours(work);
    std::optional<Scratch> theirs;
    Process other([&] { theirs.emplace(work); });
    Scratch::sweep(work);
    EXPECT_EQ(std::distance(fs::directory_iterator(work), {}), 2);
    other.kill();
    Scratch::sweep(work);
    EXPECT_EQ(std::distance(fs::directory_iterator(work), {}), 1);
    EXPECT_TRUE(fs::exists(ours.directory()));
}

TEST(Scratch, ASweepTakesLinksForWhatTheyAre) {
    const tests::Scratch directory;
    fs::create_directories(directory / "work");
    fs::create_directories(directory / "kept/below");
    fs::create_directory_symlink(directory / "kept", directory / "work/link");
    Scratch::sweep(directory / "work");
    EXPECT_FALSE(fs::is_symlink(directory / "work/link"));
    EXPECT_TRUE(fs::exists(directory / "kept/below"));
    Scratch::sweep(directory / "missing");
}

TEST(Scratch, OfManyProcessesIsNeverShared) {
    const tests::Scratch directory;
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
        children.push_back(::fork());
        if (children.back() != 0) continue;
        int mistakes = 0;
        for (int round = 0; round < 50; ++round) {
            const Scratch scratch(directory / "work");
            fs::create_directory(scratch.directory() / "mine");
            Scratch::sweep(directory / "work");
            if (!fs::exists(scratch.directory() / "mine")) ++mistakes;
        }
        ::_exit(mistakes);
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(fs::is_empty(directory / "work"));
}

}  // namespace
}  // namespace core_test
