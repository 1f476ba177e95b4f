// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <span>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace signing {
namespace {

using core::File;
using Clock = std::chrono::steady_clock;

/// Descriptors of ours are above those that a program gets, so that none is overwritten before it
/// is handed on.
constexpr int lowest_of_ours = 16;

/// How often a program is looked after that says nothing, and one that has said all.
constexpr std::chrono::milliseconds while_silent{50};
constexpr std::chrono::microseconds while_ending{50};

/// How long one that was killed may take.
constexpr std::chrono::seconds to_die{1};

File raised(int descriptor, const char* what) {
    if (descriptor < 0) throw core::system_error(what);
    const File low(descriptor);
    const int high = ::fcntl(descriptor, F_DUPFD_CLOEXEC, lowest_of_ours);
    if (high < 0) throw core::system_error(what);
    return File(high);
}

/// A file in memory, to be read from its start: nobody has to feed it, and there is no EPIPE with
/// a program that does not read it.
File input_of(std::string_view bytes) {
    File file = raised(::memfd_create("input", MFD_CLOEXEC), "cannot make a file in memory");
    file.write(bytes);
    if (::lseek(file.descriptor(), 0, SEEK_SET) != 0) {
        throw core::system_error("cannot go back in a file in memory");
    }
    return file;
}

/// What a program writes. Its end is closed here once the program has it.
struct Outlet {
    File ours;
    File its;
    std::string bytes{};
    bool open = true;
};

Outlet make_outlet() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw core::system_error("cannot make a pipe");
    File other(ends[1]);
    File ours = raised(ends[0], "cannot make a pipe");
    File its = raised(other.release(), "cannot make a pipe");
    if (::fcntl(ours.descriptor(), F_SETFL, O_NONBLOCK) != 0) {
        throw core::system_error("cannot prepare a pipe");
    }
    return {std::move(ours), std::move(its)};
}

/// Reads what is there. Throws Error on more than `most` bytes in all.
void read_outlet(Outlet& outlet, std::size_t most, const std::string& program) {
    std::array<char, 16 << 10> buffer{};
    while (outlet.open) {
        const ssize_t got = ::read(outlet.ours.descriptor(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got < 0) throw core::system_error("cannot read what " + program + " writes");
        outlet.open = got > 0;
        outlet.bytes.append(buffer.data(), static_cast<std::size_t>(got));
        if (outlet.bytes.size() > most) {
            throw core::Error(fmt::format("{} wrote more than {} bytes", program, most));
        }
    }
}

/// Which descriptors a program gets, and nothing else.
class Descriptors {
  public:
    Descriptors() { ::posix_spawn_file_actions_init(&actions_); }
    ~Descriptors() { ::posix_spawn_file_actions_destroy(&actions_); }
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;

    void give(const File& file, int as) {
        check(::posix_spawn_file_actions_adddup2(&actions_, file.descriptor(), as));
    }

    void give_nothing(int as, int flags) {
        check(::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", flags, 0));
    }

    /// Also what a library has opened without O_CLOEXEC.
    void close_from([[maybe_unused]] int first) {
#if __GLIBC_PREREQ(2, 34)
        check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first));
#endif
    }

    const posix_spawn_file_actions_t* get() const {
        return &actions_;
    }

  private:
    static void check(int error) {
        if (error != 0) throw core::Error("no memory for the files of a program");
    }

    posix_spawn_file_actions_t actions_{};
};

/// A program starts with no signal blocked, and with SIGPIPE as it is by default.
class Signals {
  public:
    Signals() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t set;
        ::sigemptyset(&set);
        ::posix_spawnattr_setsigmask(&attributes_, &set);
        ::sigaddset(&set, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &set);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Signals() { ::posix_spawnattr_destroy(&attributes_); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

/// Ours, but in the C locale.
std::vector<std::string> environment() {
    std::vector<std::string> variables{"LC_ALL=C"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (!text.starts_with("LC_ALL=") && !text.starts_with("LANGUAGE=")) {
            variables.emplace_back(text);
        }
    }
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    for (std::string& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

/// A running program. It is killed if it outlives this.
class Child {
  public:
    Child(const Invocation& invocation, const Descriptors& descriptors) {
        std::vector<std::string> words = invocation.words;
        std::vector<std::string> variables = environment();
        const Signals signals;
        const int error =
            ::posix_spawn(&id_, words.front().c_str(), descriptors.get(), signals.get(),
                          pointers(words).data(), pointers(variables).data());
        if (error == 0) return;
        id_ = 0;
        errno = error;
        throw core::system_error("cannot start " + invocation.words.front());
    }
    ~Child() {
        if (id_ == 0) return;
        ::kill(id_, SIGKILL);
        const auto deadline = Clock::now() + to_die;
        while (!has_ended() && Clock::now() < deadline) std::this_thread::sleep_for(while_ending);
        if (id_ != 0) leave();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool has_ended() { return id_ == 0 || wait(WNOHANG); }

    /// Which signal ended it, 0 if none.
    int signal() const { return WIFSIGNALED(status_) ? WTERMSIG(status_) : 0; }

  private:
    bool wait(int options) {
        pid_t ended = 0;
        do {
            ended = ::waitpid(id_, &status_, options);
        } while (ended < 0 && errno == EINTR);
        if (ended != 0) id_ = 0;
        return ended != 0;
    }

    /// One that a dead disk holds ends when the disk answers. Nobody waits for that.
    void leave() noexcept {
        try {
            std::thread([id = id_] { ::waitpid(id, nullptr, 0); }).detach();
        } catch (const std::system_error&) {
            // Then it is reaped when this process ends.
        }
    }

    pid_t id_ = 0;
    int status_ = 0;
};

/// Waits until there is something to read, or for `most`.
bool is_ready(std::span<const Outlet* const> outlets, Clock::duration most) {
    std::vector<pollfd> polled;
    for (const Outlet* outlet : outlets) {
        if (outlet->open) polled.push_back({outlet->ours.descriptor(), POLLIN, 0});
    }
    if (polled.empty()) {
        std::this_thread::sleep_for(std::min<Clock::duration>(most, while_ending));
        return false;
    }
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(most);
    return ::poll(polled.data(), polled.size(), static_cast<int>(rounded.count())) > 0;
}

/// False if the program has not ended in time. What it may have started need not have ended: that
/// can hold the pipes as long as it lives.
bool collect(const Invocation& invocation, Child& child, std::span<Outlet* const> outlets) {
    const auto deadline = Clock::now() + invocation.patience;
    const auto read_all = [&] {
        for (Outlet* outlet : outlets) {
            read_outlet(*outlet, invocation.most_bytes, invocation.words.front());
        }
    };
    while (true) {
        const auto left = deadline - Clock::now();
        if (left <= Clock::duration::zero()) return false;
        const bool ready = is_ready({outlets.data(), outlets.size()},
                                    std::min<Clock::duration>(left, while_silent));
        // Asked first: what a program that has ended wrote is there to be read.
        const bool ended = !ready && child.has_ended();
        read_all();
        if (ended) return true;
    }
}

}  // namespace

std::string find_program(const std::string& program) {
    const char* const variable = std::getenv("PATH");
    std::string_view path = variable == nullptr ? "/usr/bin:/bin" : variable;
    while (true) {
        const std::size_t end = path.find(':');
        const std::filesystem::path file =
            std::filesystem::absolute(std::filesystem::path(path.substr(0, end)) / program);
        std::error_code ignored;
        if (::access(file.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(file, ignored)) {
            return file.string();
        }
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    throw core::Error("there is no " + program + " in PATH; is GnuPG installed?");
}

Finished run(const Invocation& invocation) {
    std::vector<File> inputs;
    for (const std::string_view bytes : invocation.inputs) inputs.push_back(input_of(bytes));
    Outlet output = make_outlet();
    Outlet status = make_outlet();
    Descriptors descriptors;
    descriptors.give_nothing(STDERR_FILENO, O_WRONLY);
    descriptors.give(output.its, STDOUT_FILENO);
    descriptors.give(status.its, status_descriptor);
    if (inputs.empty()) descriptors.give_nothing(STDIN_FILENO, O_RDONLY);
    int next = second_input;
    for (const File& input : inputs) {
        descriptors.give(input, &input == inputs.data() ? STDIN_FILENO : next++);
    }
    descriptors.close_from(next);

    Child child(invocation, descriptors);
    output.its = File();
    status.its = File();
    const std::array<Outlet*, 2> outlets{&output, &status};
    Finished finished;
    if (!collect(invocation, child, outlets)) {
        finished.given_up = true;
        return finished;
    }
    if (child.signal() != 0) {
        throw core::Error(
            fmt::format("{} was ended by signal {}", invocation.words.front(), child.signal()));
    }
    finished.output = std::move(output.bytes);
    finished.status = std::move(status.bytes);
    return finished;
}

}  // namespace signing
