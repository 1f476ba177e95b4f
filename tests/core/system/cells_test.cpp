// SPDX-License-Identifier: GPL-3.0-or-later
// A cell can do nothing but answer, and takes nobody with it.
#include "core/system/cells.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/channel.hpp"
#include "core/system/parallel.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::CellLimits;
using core::CellQuestion;
using Given = std::vector<core::File>;

/// What is asked is done. A misdeed is answered by what the kernel said of it.
std::string obey(std::string_view question, Given files);

const core::Cells& cells() {
    static const core::Cells cells({
        {"obey", {{}, obey}},
        {"echo", {{}, [](std::string_view question, Given) { return std::string(question); }}},
        {"fail", {[] { throw core::Error("no library"); }, obey}},
    });
    return cells;
}

CellQuestion question(const std::string& task, std::string text = {}) {
    CellQuestion question;
    question.task = task;
    question.text = std::move(text);
    return question;
}

std::optional<std::string> ask(std::string text, const CellLimits& limits = {}) {
    return cells().ask(question("obey", std::move(text)), limits);
}

std::string said(long result) {
    return result < 0 ? ::strerrorname_np(errno) : "done";
}

const std::map<std::string, std::function<long()>, std::less<>> misdeeds{
    {"read a file", [] { return ::open("/etc/passwd", O_RDONLY); }},
    {"read itself", [] { return ::open("/proc/self/mem", O_RDONLY); }},
    {"write a file", [] { return ::open("/tmp/cell", O_WRONLY | O_CREAT, 0600); }},
    {"look at a file",
     [] {
         struct stat status {};
         return ::stat("/etc/passwd", &status);
     }},
    {"make a directory", [] { return ::mkdir("/tmp/cell", 0700); }},
    {"remove a file", [] { return ::unlink("/tmp/cell"); }},
    {"make a link", [] { return ::symlink("/etc", "/tmp/cell"); }},
    {"change a mode", [] { return ::chmod("/tmp", 0777); }},
    {"make a socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
    {"make a local socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
    {"connect",
     [] {
         const sockaddr_in address{};
         return ::connect(3, reinterpret_cast<const sockaddr*>(&address), sizeof address);
     }},
    {"send to somebody",
     [] {
         const sockaddr_in address{AF_INET, 1, {0x0100007f}, {}};
         return ::sendto(3, "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
     }},
    {"run a program", [] { return ::execl("/bin/true", "true", nullptr); }},
    {"fork", [] { return ::syscall(SYS_fork); }},
    {"vfork", [] { return ::syscall(SYS_vfork); }},
    {"clone", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"clone in another way", [] { return ::syscall(SYS_clone3, nullptr, 0); }},
    {"trace", [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0); }},
    {"read a process",
     [] { return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0); }},
    {"kill its parent", [] { return ::kill(::getppid(), SIGTERM); }},
    {"kill itself", [] { return ::kill(::getpid(), SIGTERM); }},
    {"kill all", [] { return ::kill(-1, SIGTERM); }},
    {"lift its limits",
     [] {
         const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
         return ::setrlimit(RLIMIT_CPU, &none);
     }},
    {"map a program",
     [] {
         void* const mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return mapped == MAP_FAILED ? -1 : 0;
     }},
    {"make memory a program",
     [] {
         void* const mapped =
             ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return ::mprotect(mapped, 4096, PROT_READ | PROT_EXEC);
     }},
    {"make another file", [] { return ::memfd_create("cell", 0); }},
    {"mount", [] { return ::syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, nullptr); }},
    {"make a namespace", [] { return ::syscall(SYS_unshare, CLONE_NEWUSER); }},
    {"filter anew", [] { return ::syscall(SYS_seccomp, 1, 0, nullptr); }},
    {"use io_uring", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }},
    {"use bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
    {"use a key", [] { return ::syscall(SYS_keyctl, 0, -3, 0, 0, 0); }},
    {"signal its reader", [] { return ::fcntl(3, F_SETOWN, 1); }},
    {"change its user", [] { return ::setuid(1); }},
    {"sleep for ever", [] { return ::syscall(SYS_pause); }},
};

std::string obey(std::string_view question, Given files) {
    if (const auto misdeed = misdeeds.find(question); misdeed != misdeeds.end()) {
        return said(misdeed->second());
    }
    if (question == "environment") {
        std::string all;
        for (char** one = environ; one != nullptr && *one != nullptr; ++one) all += *one;
        return all;
    }
    if (question == "descriptors") {
        std::string open;
        for (int i = 0; i < 1024; ++i) {
            if (::fcntl(i, F_GETFD) >= 0) open += std::to_string(i) + " ";
        }
        return open;
    }
    if (question == "content") {
        std::string text(100, '\0');
        text.resize(files.at(0).read(text.data(), text.size()));
        return text;
    }
    if (question == "write") {
        for (int i = 0; i < 100; ++i) files.at(0).write(std::string(1000, 'x'));
        return "written";
    }
    if (question == "crash") ::abort();
    if (question == "exit") ::_exit(0);
    if (question == "fail") throw core::Error("from the cell");
    if (question == "refuse") throw core::Refused("no-good", "it is not", "mend it");
    if (question == "refuse badly") throw core::Refused("no\ngood", "it is not");
    if (question == "throw anything") throw 7;
    if (question == "large") return std::string(1 << 20, 'x');
    if (question == "spin") {
        std::atomic<unsigned> turns{0};
        while (true) ++turns;
    }
    if (question == "memory") {
        std::vector<std::string> kept;
        while (true) kept.emplace_back(1 << 20, 'x');
    }
    return "?";
}

TEST(Cell, CanDoNothingThatOnlyOthersMayDo) {
    for (const auto& [name, deed] : misdeeds) {
        EXPECT_EQ(ask(name), "EPERM") << name;
    }
}

TEST(Cell, KnowsNothingOfItsParent) {
    ::setenv("SLUICE_SECRET", "a token", 1);
    const core::File open = core::File::open_to_read("/etc/passwd");
    const core::Cells later({{"obey", {{}, obey}}});
    EXPECT_EQ(later.ask(question("obey", "environment"), {}), "");
    EXPECT_EQ(later.ask(question("obey", "descriptors"), {}), "0 1 2 3 ");
    ::unsetenv("SLUICE_SECRET");
}

TEST(Cell, ReadsAndWritesWhatItIsGiven) {
    const auto directory = tests::Scratch::in_memory();
    core::write_file(directory / "given", "what it holds");
    CellQuestion content = question("obey", "content");
    content.files.push_back(core::File::open_to_read(directory / "given"));
    EXPECT_EQ(cells().ask(content, {}), "what it holds");

    const auto write = [&](const std::string& name, std::uint64_t most) {
        CellQuestion asked = question("obey", "write");
        asked.files.push_back(core::File::create(directory / name));
        CellLimits limits;
        limits.file = most;
        return cells().ask(asked, limits);
    };
    EXPECT_EQ(write("enough", 100'000), "written");
    EXPECT_EQ(std::filesystem::file_size(directory / "enough"), 100'000u);
    EXPECT_EQ(write("too much", 99'999), std::nullopt);  // SIGXFSZ
    EXPECT_LE(std::filesystem::file_size(directory / "too much"), 99'999u);
}

TEST(Cell, ThatDiesIsReplaced) {
    core::CellPool pool(cells(), {"obey", "echo"}, {});
    for (const char* const bad : {"crash", "exit", "throw anything", "refuse badly"}) {
        EXPECT_EQ(pool.ask(question("obey", bad)), std::nullopt) << bad;
        EXPECT_EQ(pool.ask(question("echo", "still here")), "still here") << bad;
    }
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "only the server is a child of ours";
}

TEST(Cell, TellsWhyItDoesNotAnswer) {
    core::CellPool pool(cells(), {"obey"}, {});
    EXPECT_THROW(pool.ask(question("obey", "fail")), core::Error);
    try {
        pool.ask(question("obey", "refuse"));
        FAIL();
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "no-good");
        EXPECT_STREQ(refused.what(), "it is not");
        EXPECT_EQ(refused.remedy(), "mend it");
    }
}

TEST(Cell, IsBoundInTimeMemoryAndWords) {
    CellQuestion spin = question("obey", "spin");
    spin.processor_time = std::chrono::seconds(1);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(cells().ask(spin, {}), std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));

    CellQuestion large = question("obey", "large");
    EXPECT_TRUE(cells().ask(large, {}).has_value());
    large.largest_answer = (1 << 20) - 1;
    EXPECT_EQ(cells().ask(large, {}), std::nullopt);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_EQ(ask("memory", {.memory = std::uint64_t{64} << 20, .file = 0}), std::nullopt);
#endif
}

TEST(Cell, WithoutItsFencesIsNotMade) {
    EXPECT_THROW(cells().ask(question("fail"), {}), core::Error);
    EXPECT_THROW(cells().ask(question("unknown"), {}), core::Error);
    for (const char* const fence : {"prctl", "prlimit", "seccomp_load"}) {
        const Fault fault(fence, "", EPERM, 100);
        const core::Cells without({{"echo", {{}, obey}}});
        EXPECT_THROW(without.ask(question("echo", "x"), {}), core::Error) << fence;
    }
}

TEST(Cell, EndsWithItsParent) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        // The pipe's end stays open in a process that outlives its parent.
        const core::Cells own(
            {{"echo", {{}, [](std::string_view text, Given) { return std::string(text); }}}});
        const std::vector<std::string> tasks{"echo"};
        const auto cell = own.start(tasks, {});
        ::kill(::getpid(), SIGKILL);
    }
    ::close(pipe[1]);
    char byte = 0;
    EXPECT_EQ(::read(pipe[0], &byte, 1), 0);  // all ends are closed
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
}

TEST(Cells, AnswerManyAtOnce) {
    core::CellPool pool(cells(), {"echo"}, {});
    core::parallel_for(
        2000,
        [&](std::size_t i) {
            const std::string text = std::to_string(i);
            ASSERT_EQ(pool.ask(question("echo", text)), text);
        },
        8);
}

TEST(Channel, CarriesOpenFiles) {
    const auto directory = tests::Scratch::in_memory();
    core::write_file(directory / "a", "first");
    core::write_file(directory / "b", "second");
    const auto [here, there] = core::Channel::make_pair();
    const core::File a = core::File::open_to_read(directory / "a");
    const core::File b = core::File::open_to_read(directory / "b");
    const std::array both{a.descriptor(), b.descriptor()};
    EXPECT_TRUE(here.send("two", both));
    EXPECT_TRUE(here.send("none"));
    std::vector<core::File> files;
    EXPECT_EQ(there.receive(10, &files), "two");
    ASSERT_EQ(files.size(), 2u);
    std::string text(6, '\0');
    EXPECT_EQ(files[1].read(text.data(), text.size()), 6u);
    EXPECT_EQ(text, "second");
    EXPECT_EQ(there.receive(10, &files), "none");
    EXPECT_TRUE(files.empty());
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
    here.set_deadline(std::chrono::steady_clock::now() + std::chrono::seconds(1));
    ASSERT_EQ(::send(there.descriptor(), "half", 4, 0), 4);  // of a size
    EXPECT_EQ(here.receive(7), std::nullopt);
}

TEST(Channel, AnotherSideThatDripsIsNotWaitedForLongerThanOneThatIsSilent) {
    auto [here, there] = core::Channel::make_pair();
    std::atomic<bool> enough{false};
    std::thread dripping([&there = there, &enough] {
        const std::uint64_t size = 1000;
        ::send(there.descriptor(), &size, sizeof size, 0);
        for (int i = 0; i < 100 && !enough; ++i) {
            ::send(there.descriptor(), "x", 1, MSG_NOSIGNAL);
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    });
    const auto begin = std::chrono::steady_clock::now();
    here.set_deadline(begin + std::chrono::seconds(1));
    EXPECT_EQ(here.receive(1000), std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    enough = true;
    dripping.join();
}

TEST(Channel, AnotherSideThatDoesNotReadIsNotWaitedFor) {
    auto [here, there] = core::Channel::make_pair();
    const auto begin = std::chrono::steady_clock::now();
    here.set_deadline(begin + std::chrono::seconds(1));
    EXPECT_FALSE(here.send(std::string(8 << 20, 'x')));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
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
