// SPDX-License-Identifier: GPL-3.0-or-later
// fault: runs a command and makes one of its system calls fail, or ends it there.
//
//   fault --below DIR [--not DIR/SUB] [--reads] --list FILE COMMAND...
//   fault --below DIR [--not DIR/SUB] [--reads] --at CALL --nth N --fault KIND COMMAND...
//
// The kernel itself hands over each call that changes what is below DIR (and with --reads each that
// looks at it): those of all threads and of whatever the command starts, and those that the C
// library makes for itself. A call is named by what it does to which path, with what differs
// between two runs left out, so that the Nth call of a name is the same one in the next run,
// whatever the threads do.
//
// KIND: kill (before the call), torn (half of the write, then kill), short (half of the write),
// EIO, ENOSPC; full and dead are ENOSPC and EIO for this call and all that follow, where they can
// give it. unflushed, which needs no call named, makes flushes do nothing and succeed. Ends with
// the command's exit status, 137 if it was killed, 120 if the call did not come.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <optional>
#include <poll.h>
#include <regex>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tests/crash/call.hpp"

namespace {

constexpr int not_reached = 120;
constexpr int own_failure = 125;

struct Options {
    std::string below;
    std::string left_out;
    std::string list;
    std::string at;
    std::string fault;
    int nth = 1;
    bool reads = false;
    char** command = nullptr;
};

// ---- What a call is about ----

bool is_below(const std::string& path, const std::string& directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/');
}

/// Without what is different each time: names of scratch, process ids, digests.
std::string lasting(const std::string& path) {
    static const std::regex scratch("^work/[0-9]+-[0-9]+"), temporary("[.][0-9]+[.][0-9]+[.]new"),
        digest("[0-9a-f]{16,}");
    std::string text = std::regex_replace(path, scratch, "work/*");
    text = std::regex_replace(text, temporary, ".new");
    return std::regex_replace(text, digest, "*");
}

class Watch {
  public:
    explicit Watch(const Options& options) : options_(options) {}

    /// The call by name, if it is one of those that count.
    std::optional<std::string> name(const Call& call, const Caller& caller) const {
        Effect effect = call.effect;
        std::string name = call.name;
        if (name == "open") {
            const int position = call.shape == Shape::at ? 2 : 1;
            const int flags = static_cast<int>(caller.argument(position));
            if ((flags & (O_CREAT | O_TRUNC)) == 0) effect = Effect::looks;
            name = effect == Effect::looks ? "open" : "create";
        }
        if (effect == Effect::looks && !options_.reads) return std::nullopt;
        bool counts = false;
        std::string text = name;
        for (const std::string& path : paths(call, caller)) {
            if (!is_below(path, options_.below)) return std::nullopt;
            counts = options_.left_out.empty() || !is_below(path, options_.left_out);
            text += " /" + lasting(path.substr(std::min(path.size(), options_.below.size() + 1)));
        }
        return counts ? std::optional(text) : std::nullopt;
    }

  private:
    const Options& options_;
};

// ---- What is done to it ----

struct Answer {
    bool kill = false;
    bool go_on = true;
    int error = 0;
    std::int64_t value = 0;
};

class Injection {
  public:
    explicit Injection(const Options& options) : options_(options) {}

    bool reached() const { return reached_; }

    Answer answer(const Call& call, const std::string& name, const Caller& caller) {
        if (options_.fault == "unflushed") {
            return {.go_on = call.effect != Effect::flushes};
        }
        if (reached_) return call.effect == Effect::looks ? Answer{} : lasting_answer(call);
        if (name != options_.at || ++seen_ != options_.nth) return {};
        reached_ = true;
        const std::string& fault = options_.fault;
        if (fault == "kill") return {.kill = true};
        if (fault == "EIO") return {.go_on = false, .error = EIO};
        if (fault == "ENOSPC") return {.go_on = false, .error = ENOSPC};
        if (fault == "full" || fault == "dead") return lasting_answer(call);
        const std::int64_t half = half_written(call, caller);
        if (fault == "torn") return {.kill = true};
        return {.go_on = half <= 0, .value = half};
    }

  private:
    Answer lasting_answer(const Call& call) const {
        if (options_.fault == "dead") return {.go_on = false, .error = EIO};
        if (options_.fault == "full" && call.effect != Effect::removes &&
            call.effect != Effect::looks) {
            return {.go_on = false, .error = ENOSPC};
        }
        return {};
    }

    const Options& options_;
    int seen_ = 0;
    bool reached_ = false;
};

// ---- The command and the kernel ----

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#endif

std::uint8_t steps(std::size_t count) {
    return static_cast<std::uint8_t>(count);
}

/// Returns the descriptor on which the kernel tells of the calls.
int install_filter(bool reads) {
    std::vector<int> numbers;
    for (const auto& [number, call] : calls) {
        const bool opens = std::string_view(call.name) == "open";
        if (reads || call.effect != Effect::looks || opens) numbers.push_back(number);
    }
    const std::size_t count = numbers.size();
    std::vector<sock_filter> program{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, steps(count + 1)),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (std::size_t i = 0; i < count; ++i) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                   static_cast<std::uint32_t>(numbers[i]), steps(count - i), 0));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
    const sock_fprog whole{static_cast<unsigned short>(program.size()), program.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return static_cast<int>(
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &whole));
}

/// What both sides see while the listener goes from the command's process to ours.
struct Meeting {
    std::atomic<int> listener{-1};
    std::atomic<bool> taken{false};
};

[[noreturn]] void become_command(const Options& options, Meeting& meeting) {
    ::setpgid(0, 0);
    const int listener = install_filter(options.reads);
    if (listener < 0) ::_exit(own_failure);
    meeting.listener = listener;
    while (!meeting.taken) {
    }
    ::execvp(options.command[0], options.command);
    ::_exit(own_failure);
}

class Run {
  public:
    explicit Run(const Options& options) : options_(options), watch_(options), injection_(options) {
        if (!options.list.empty()) list_.open(options.list);
    }

    int status() {
        start();
        serve();
        int status = 0;
        ::waitpid(child_, &status, 0);
        if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
        return injection_.reached() || options_.at.empty() ? WEXITSTATUS(status) : not_reached;
    }

  private:
    void start() {
        void* const shared = ::mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED) fail("no memory");
        auto* const meeting = new (shared) Meeting;
        child_ = ::fork();
        if (child_ < 0) fail("cannot fork");
        if (child_ == 0) become_command(options_, *meeting);
        handle_ = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
        while (meeting->listener < 0) {
            if (::kill(child_, 0) != 0 || has_ended()) fail("cannot watch the command");
            ::usleep(50);
        }
        listener_ =
            static_cast<int>(::syscall(SYS_pidfd_getfd, handle_, meeting->listener.load(), 0));
        if (listener_ < 0) fail("cannot get the listener");
        meeting->taken = true;
    }

    bool has_ended() const {
        pollfd ended{handle_, POLLIN, 0};
        return ::poll(&ended, 1, 0) > 0;
    }

    /// Until no process is left that the kernel asks us about.
    void serve() {
        constexpr int patience = 300'000;  // milliseconds; a command that hangs is a failure
        while (true) {
            pollfd asked{listener_, POLLIN, 0};
            const int ready = ::poll(&asked, 1, patience);
            if (ready < 0 && errno == EINTR) continue;
            if (ready <= 0) {
                ::kill(-child_, SIGKILL);
                throw std::runtime_error("the command, or something it left behind, hangs");
            }
            if ((asked.revents & POLLIN) != 0) {
                answer_one();
            } else if ((asked.revents & POLLHUP) != 0) {
                return;
            }
        }
    }

    void answer_one() {
        seccomp_notif asked{};
        if (::ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;  // it died meanwhile
        const Answer answer = answer_to(asked);
        if (answer.kill) {
            ::kill(-child_, SIGKILL);
            return;
        }
        seccomp_notif_resp response{};
        response.id = asked.id;
        if (answer.go_on) {
            response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        } else {
            response.error = -answer.error;
            response.val = answer.value;
        }
        ::ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &response);
    }

    Answer answer_to(const seccomp_notif& asked) {
        const Call& call = calls.at(asked.data.nr);
        const Caller caller(asked);
        const auto name = watch_.name(call, caller);
        if (!name) return {};
        if (list_.is_open()) list_ << *name << '\n';
        return injection_.answer(call, *name, caller);
    }

    const Options& options_;
    Watch watch_;
    Injection injection_;
    std::ofstream list_;
    pid_t child_ = 0;
    int handle_ = -1;
    int listener_ = -1;
};

Options options_of(int count, char** words) {
    Options options;
    int i = 1;
    for (; i < count && std::string_view(words[i]).starts_with("--"); ++i) {
        const std::string_view word = words[i];
        if (word == "--reads") {
            options.reads = true;
            continue;
        }
        if (++i == count) break;
        if (word == "--below") options.below = words[i];
        if (word == "--not") options.left_out = words[i];
        if (word == "--list") options.list = words[i];
        if (word == "--at") options.at = words[i];
        if (word == "--nth") options.nth = std::atoi(words[i]);
        if (word == "--fault") options.fault = words[i];
    }
    options.command = words + i;
    if (i == count || options.below.empty()) throw std::runtime_error("see the head of fault.cpp");
    return options;
}

}  // namespace

int main(int count, char** words) try {
    const Options options = options_of(count, words);
    return Run(options).status();
} catch (const std::exception& error) {
    std::cerr << "fault: " << error.what() << '\n';
    return own_failure;
}
