// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/process.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/parallel.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr milliseconds patience{10'000};

signing::Invocation script(const std::string& text, std::vector<std::string_view> inputs = {}) {
    return {{signing::find_program("sh"), "-c", text}, patience, std::move(inputs)};
}

std::string failure(const signing::Invocation& invocation) {
    try {
        signing::run(invocation);
    } catch (const core::Error& error) {
        return error.what();
    }
    return "no Error";
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

bool has_children() {
    return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

TEST(Process, ReadsItsInputsAndIsRead) {
    const std::string first(300'000, 'a');
    const auto finished = signing::run(
        script("cat; cat <&4; printf status >&3; cat <&5 >&3; echo no >&2", {first, "b\n", "c"}));
    EXPECT_FALSE(finished.given_up);
    EXPECT_EQ(finished.output, first + "b\n");
    EXPECT_EQ(finished.status, "statusc");
    EXPECT_EQ(signing::run(script("cat; cat /dev/fd/4", {"", "by name"})).output, "by name");
    EXPECT_EQ(signing::run(script("cat")).output, "") << "nothing to read";
}

TEST(Process, MayWriteMuchToBoth) {
    auto invocation = script("head -c 900000 /dev/zero; head -c 900000 /dev/zero >&3; echo end");
    const auto finished = signing::run(invocation);
    EXPECT_EQ(finished.output.size(), 900'004u);
    EXPECT_EQ(finished.status.size(), 900'000u);
}

TEST(Process, NeedNotReadNorSucceed) {
    const std::string input(10 << 20, 'x');
    EXPECT_EQ(signing::run(script("echo said; exit 3", {input, input})).output, "said\n");
}

TEST(Process, ThatWritesTooMuchIsEnded) {
    for (const char* text : {"cat /dev/zero", "cat /dev/zero >&3", "head -c 1048577 /dev/zero"}) {
        EXPECT_THAT(failure(script(text)), HasSubstr("wrote more than 1048576 bytes")) << text;
    }
    EXPECT_EQ(failure(script("head -c 1048576 /dev/zero")), "no Error");
    EXPECT_FALSE(has_children());
}

TEST(Process, IsKilledWhenItHangs) {
    for (const char* text : {"exec sleep 20", "exec >&- 3>&-; exec sleep 20",
                             "trap '' TERM PIPE; while :; do echo x; sleep 0.01; done"}) {
        auto invocation = script(text);
        invocation.patience = milliseconds(100);
        const auto begun = Clock::now();
        const auto finished = signing::run(invocation);
        EXPECT_TRUE(finished.given_up) << text;
        EXPECT_EQ(finished.output, "");
        EXPECT_GE(Clock::now() - begun, milliseconds(100)) << text;
        EXPECT_LT(Clock::now() - begun, milliseconds(5000)) << text;
        EXPECT_FALSE(has_children()) << text;
    }
}

TEST(Process, DoesNotWaitForWhatItHasStarted) {
    const auto begun = Clock::now();
    const auto finished = signing::run(script("echo out; echo status >&3; sleep 20 & exit 0"));
    EXPECT_LT(Clock::now() - begun, milliseconds(5000));
    EXPECT_EQ(finished.output, "out\n");
    EXPECT_EQ(finished.status, "status\n");
}

TEST(Process, EndedBySomebodyElseIsAnError) {
    EXPECT_THAT(failure(script("echo GOODSIG >&3; kill -9 $$")),
                AllOf(HasSubstr("sh was ended by signal 9")));
}

TEST(Process, ThatCannotBeStartedIsAnError) {
    EXPECT_THAT(failure({{"/nowhere/gpg"}, patience}),
                AllOf(HasSubstr("cannot start /nowhere/gpg"), HasSubstr("No such file")));
    EXPECT_FALSE(has_children());
}

TEST(Process, GetsNoDescriptorButItsOwn) {
    // One that a library has opened without O_CLOEXEC, and the lowest numbers free or taken.
    const int foreign = ::open("/dev/null", O_RDONLY);
    ASSERT_GE(foreign, 0);
    const auto listed = [](const std::vector<std::string_view>& inputs) {
        return signing::run(script("ls /proc/$$/fd", inputs)).output;
    };
    EXPECT_EQ(listed({}), "0\n1\n2\n3\n");
    EXPECT_EQ(listed({"", ""}), "0\n1\n2\n3\n4\n");
    ::close(foreign);
    const int saved = ::dup(STDIN_FILENO);
    ::close(STDIN_FILENO);
    EXPECT_EQ(listed({"", ""}), "0\n1\n2\n3\n4\n");
    ::dup2(saved, STDIN_FILENO);
    ::close(saved);
}

TEST(Process, LeavesNoDescriptorOpen) {
    const std::size_t before = open_descriptors();
    signing::run(script("cat", {"x", "y"}));
    failure(script("cat /dev/zero", {"x"}));
    failure({{"/nowhere/gpg"}, patience, {"x", "y"}});
    auto hangs = script("sleep 20", {"x"});
    hangs.patience = milliseconds(1);
    signing::run(hangs);
    EXPECT_EQ(open_descriptors(), before);
}

TEST(Process, RunsInTheCLocaleAndElseInOurEnvironment) {
    ::setenv("LC_ALL", "de_DE.UTF-8", 1);
    ::setenv("LANGUAGE", "de", 1);
    ::setenv("SLUICE_TEST", "kept", 1);
    const std::string output = signing::run(script("echo $LC_ALL,$LANGUAGE,$SLUICE_TEST")).output;
    ::unsetenv("LC_ALL");
    ::unsetenv("LANGUAGE");
    ::unsetenv("SLUICE_TEST");
    EXPECT_EQ(output, "C,,kept\n");
}

TEST(Process, MeetsSignalsAsUsual) {
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    struct sigaction before {};
    ASSERT_EQ(::sigaction(SIGPIPE, &ignored, &before), 0);
    sigset_t terminate;
    ::sigemptyset(&terminate);
    ::sigaddset(&terminate, SIGTERM);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &terminate, nullptr), 0);
    EXPECT_THAT(failure(script("kill -PIPE $$; echo lives")), HasSubstr("signal 13"));
    EXPECT_THAT(failure(script("kill -TERM $$; echo lives")), HasSubstr("signal 15"));
    ::pthread_sigmask(SIG_UNBLOCK, &terminate, nullptr);
    ::sigaction(SIGPIPE, &before, nullptr);
}

TEST(Process, ManyAtATimeKeepToTheirOwn) {
    core::parallel_for(64, [](std::size_t i) {
        const std::string input(i * 10'000, static_cast<char>('0' + i));
        const auto finished = signing::run(script("cat; cat <&4 >&3", {input, std::to_string(i)}));
        EXPECT_EQ(finished.output, input);
        EXPECT_EQ(finished.status, std::to_string(i));
    });
    EXPECT_FALSE(has_children());
}

TEST(Process, IsFoundInPath) {
    EXPECT_TRUE(std::filesystem::path(signing::find_program("gpgv")).is_absolute());
    EXPECT_THROW(signing::find_program("no-such-program"), core::Error);
}

}  // namespace
}  // namespace signing_test
