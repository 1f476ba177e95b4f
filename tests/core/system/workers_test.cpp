// SPDX-License-Identifier: GPL-3.0-or-later
// Hostile work takes its worker with it, and nobody else.
#include "core/system/workers.hpp"

#include <atomic>
#include <csignal>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/channel.hpp"
#include "core/system/parallel.hpp"
#include "tests/core/faults.hpp"

namespace core_test {
namespace {

using core::WorkerLimits;
using core::WorkerResult;

std::vector<WorkerResult> run(std::size_t count,
                              const std::function<std::string(std::size_t)>& work,
                              const WorkerLimits& limits = {}) {
    std::size_t told = 0;
    auto results = core::run_in_workers(count, work, limits,
                                        [&](std::size_t done) { EXPECT_EQ(done, ++told); });
    EXPECT_EQ(told, count);
    EXPECT_EQ(results.size(), count);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no process stays";
    return results;
}

/// Item 3 of 8 does something bad; the others are done.
void expect_only_the_third_lost(const std::function<void()>& bad, const WorkerLimits& limits = {}) {
    const auto results = run(
        8,
        [&](std::size_t i) {
            if (i == 3) bad();
            return "result " + std::to_string(i);
        },
        limits);
    for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].finished, i != 3) << i;
        EXPECT_EQ(results[i].value, i == 3 ? "" : "result " + std::to_string(i));
    }
}

TEST(Workers, AnswerInOrder) {
    const auto results = run(5000, [](std::size_t i) { return std::to_string(i * i); });
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_TRUE(results[i].finished);
        ASSERT_EQ(results[i].value, std::to_string(i * i));
    }
}

TEST(Workers, NothingToDoIsDoneAtOnce) {
    EXPECT_TRUE(run(0, [](std::size_t) { return std::string(); }).empty());
}

TEST(Workers, LargeAndEmptyAnswersArrive) {
    const auto results = run(
        20, [](std::size_t i) { return i % 2 == 0 ? std::string() : std::string(1 << 22, 'x'); });
    for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].value.size(), i % 2 == 0 ? 0u : 1u << 22);
    }
}

TEST(Workers, ACrashCostsOneItem) {
    expect_only_the_third_lost([] { ::raise(SIGKILL); });
    expect_only_the_third_lost([] { ::_exit(0); });
}

TEST(Workers, AnExceptionNeverReachesTheParentsCode) {
    expect_only_the_third_lost([] { throw core::Error("from the worker"); });
    expect_only_the_third_lost([] { throw 7; });
}

TEST(Workers, WithoutTheirLimitsNeverBegin) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr int limits = 1;  // sanitizers need all the address space there is
#else
    constexpr int limits = 2;
#endif
    for (int skip = 0; skip < limits; ++skip) {
        const Fault fault("prlimit", "", EPERM, 1, skip);
        EXPECT_THROW(run(1, [](std::size_t) { return std::string("done"); }), core::Error) << skip;
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no process stays";
    }
}

TEST(Workers, AHangIsEnded) {
    const auto begin = std::chrono::steady_clock::now();
    expect_only_the_third_lost(
        [] {
            while (true) ::pause();
        },
        {.memory = std::uint64_t{1} << 30, .time = std::chrono::seconds(1)});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Workers, MemoryIsLimited) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers need all the address space there is";
#endif
    expect_only_the_third_lost(
        [] {
            std::vector<std::string> kept;
            while (true) kept.emplace_back(1 << 20, 'x');
        },
        {.memory = std::uint64_t{64} << 20, .time = std::chrono::seconds(60)});
}

TEST(Workers, OthersTakeThePlaceOfThoseThatDie) {
    const auto results = run(2000, [](std::size_t i) {
        if (i % 100 == 99) ::raise(SIGKILL);
        return std::to_string(i);
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(results[i].finished, i % 100 != 99) << i;
        ASSERT_EQ(results[i].value, i % 100 == 99 ? "" : std::to_string(i));
    }
}

TEST(Workers, AllMayDieAndAllAreAccountedFor) {
    const auto results = run(50, [](std::size_t) -> std::string { ::_exit(1); });
    for (const WorkerResult& result : results) EXPECT_FALSE(result.finished);
}

TEST(Channel, MessagesArriveWholeAndInOrder) {
    const auto [here, there] = core::Channel::make_pair();
    std::thread sender([&here = here] {
        for (const std::size_t size : {0, 1, 3'000'000, 0}) {
            EXPECT_TRUE(here.send(std::string(size, 'x')));
        }
    });
    for (const std::size_t size : {0, 1, 3'000'000, 0}) {
        EXPECT_EQ(there.receive(3'000'000), std::string(size, 'x'));
    }
    sender.join();
}

TEST(Channel, AnotherSideThatIsGoneIsNoSignal) {
    auto [here, there] = core::Channel::make_pair();
    EXPECT_TRUE(there.send("last words"));
    there = core::Channel();
    EXPECT_FALSE(here.send("hello"));  // EPIPE, without SIGPIPE
    EXPECT_EQ(here.receive(10), "last words");
    EXPECT_EQ(here.receive(10), std::nullopt);
}

TEST(Channel, NobodyIsMadeToReadTooMuchOrToWait) {
    auto [here, there] = core::Channel::make_pair();
    EXPECT_TRUE(there.send("too long"));
    EXPECT_EQ(here.receive(7), std::nullopt);
    std::tie(here, there) = core::Channel::make_pair();
    here.set_patience(std::chrono::seconds(1));
    ASSERT_EQ(::send(there.descriptor(), "half", 4, 0), 4);  // of a size
    EXPECT_EQ(here.receive(7), std::nullopt);
}

TEST(Parallel, EachPieceIsDoneOnce) {
    std::vector<std::atomic<int>> done(1000);
    core::parallel_for(done.size(), [&](std::size_t i) { ++done[i]; });
    for (const auto& count : done) EXPECT_EQ(count, 1);
    core::parallel_for(0, [](std::size_t) { FAIL(); });
}

TEST(Parallel, TheFirstFailureIsThrownAndNoThreadStays) {
    std::atomic<int> running{0};
    const auto work = [&](std::size_t i) {
        ++running;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        --running;
        if (i == 5) throw core::Error("piece 5");
    };
    EXPECT_THROW(core::parallel_for(10'000, work), core::Error);
    EXPECT_EQ(running, 0);
    EXPECT_GE(core::parallel_width(), 1u);
}

TEST(Parallel, WhichFailureIsThrownDoesNotDependOnWhichCameFirst) {
    std::atomic<bool> later_failed{false};
    const auto work = [&](std::size_t i) {
        if (i == 1) {
            later_failed = true;
            throw core::Error("piece 1");
        }
        for (int wait = 0; wait < 100 && !later_failed; ++wait) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        throw core::Error("piece 0");
    };
    try {
        core::parallel_for(2, work);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_STREQ(error.what(), "piece 0");
    }
}

}  // namespace
}  // namespace core_test
