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
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <optional>
#include <poll.h>
#include <regex>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr int not_reached = 120;
constexpr int own_failure = 125;

/// Where a call has its path: as an argument, as an argument after a directory's descriptor, as two
/// of either kind, or behind a descriptor.
enum class Shape { path, at, two_paths, two_at, link_text, link_text_at, descriptor };
enum class Effect { creates, writes, flushes, removes, looks };

struct Call {
    const char* name;
    Shape shape;
    Effect effect;
};

const std::map<int, Call> calls{
#ifdef SYS_open
    {SYS_open, {"open", Shape::path, Effect::creates}},
    {SYS_mkdir, {"mkdir", Shape::path, Effect::creates}},
    {SYS_link, {"link", Shape::two_paths, Effect::creates}},
    {SYS_symlink, {"symlink", Shape::link_text, Effect::creates}},
    {SYS_rename, {"rename", Shape::two_paths, Effect::creates}},
    {SYS_chmod, {"chmod", Shape::path, Effect::writes}},
    {SYS_unlink, {"unlink", Shape::path, Effect::removes}},
    {SYS_rmdir, {"rmdir", Shape::path, Effect::removes}},
    {SYS_stat, {"stat", Shape::path, Effect::looks}},
    {SYS_lstat, {"lstat", Shape::path, Effect::looks}},
    {SYS_access, {"access", Shape::path, Effect::looks}},
    {SYS_readlink, {"readlink", Shape::path, Effect::looks}},
#endif
#ifdef SYS_renameat
    {SYS_renameat, {"rename", Shape::two_at, Effect::creates}},
#endif
    {SYS_openat, {"open", Shape::at, Effect::creates}},
    {SYS_mkdirat, {"mkdir", Shape::at, Effect::creates}},
    {SYS_linkat, {"link", Shape::two_at, Effect::creates}},
    {SYS_symlinkat, {"symlink", Shape::link_text_at, Effect::creates}},
    {SYS_renameat2, {"rename", Shape::two_at, Effect::creates}},
    {SYS_write, {"write", Shape::descriptor, Effect::writes}},
    {SYS_pwrite64, {"pwrite", Shape::descriptor, Effect::writes}},
    {SYS_writev, {"writev", Shape::descriptor, Effect::writes}},
    {SYS_copy_file_range, {"copy_file_range", Shape::descriptor, Effect::writes}},
    {SYS_sendfile, {"sendfile", Shape::descriptor, Effect::writes}},
    {SYS_fallocate, {"fallocate", Shape::descriptor, Effect::writes}},
    {SYS_ftruncate, {"ftruncate", Shape::descriptor, Effect::writes}},
    {SYS_fchmod, {"fchmod", Shape::descriptor, Effect::writes}},
    {SYS_truncate, {"truncate", Shape::path, Effect::writes}},
    {SYS_fchmodat, {"chmod", Shape::at, Effect::writes}},
    {SYS_utimensat, {"utimens", Shape::at, Effect::writes}},
    {SYS_fsync, {"fsync", Shape::descriptor, Effect::flushes}},
    {SYS_fdatasync, {"fdatasync", Shape::descriptor, Effect::flushes}},
    {SYS_syncfs, {"syncfs", Shape::descriptor, Effect::flushes}},
    {SYS_unlinkat, {"unlink", Shape::at, Effect::removes}},
    {SYS_newfstatat, {"stat", Shape::at, Effect::looks}},
    {SYS_statx, {"stat", Shape::at, Effect::looks}},
    {SYS_faccessat, {"access", Shape::at, Effect::looks}},
    {SYS_readlinkat, {"readlink", Shape::at, Effect::looks}},
    {SYS_fstat, {"fstat", Shape::descriptor, Effect::looks}},
    {SYS_read, {"read", Shape::descriptor, Effect::looks}},
    {SYS_pread64, {"pread", Shape::descriptor, Effect::looks}},
    {SYS_getdents64, {"readdir", Shape::descriptor, Effect::looks}},
    {SYS_flock, {"flock", Shape::descriptor, Effect::looks}},
};

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

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

// ---- What a call is about ----

bool is_below(const std::string& path, const std::string& directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/');
}

std::string link_of(const std::string& link) {
    std::string text(4096, '\0');
    const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

/// Of the process that waits in a call.
class Caller {
  public:
    explicit Caller(const seccomp_notif& asked)
        : pid_(static_cast<pid_t>(asked.pid)), arguments_(asked.data.args) {}

    std::uint64_t argument(int i) const { return arguments_[i]; }

    std::string bytes(std::uint64_t address, std::size_t size) const {
        std::string text(size, '\0');
        iovec here{text.data(), size};
        // NOLINTNEXTLINE(performance-no-int-to-ptr) # an address over there
        iovec there{reinterpret_cast<void*>(address), size};
        const ssize_t got = ::process_vm_readv(pid_, &here, 1, &there, 1, 0);
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

    /// A text that ends with a zero; it is read page by page, as what follows may not be there.
    std::string text(std::uint64_t address) const {
        constexpr std::uint64_t page = 4096;
        std::string found;
        while (address != 0 && found.size() < page) {
            const std::string part = bytes(address, page - address % page);
            const std::size_t end = part.find('\0');
            found += part.substr(0, end);
            if (part.empty() || end != std::string::npos) break;
            address += part.size();
        }
        return found;
    }

    std::string path_of(int descriptor) const {
        const std::string process = "/proc/" + std::to_string(pid_);
        if (descriptor == AT_FDCWD) return link_of(process + "/cwd");
        return link_of(process + "/fd/" + std::to_string(descriptor));
    }

    std::string path(int directory, std::uint64_t address) const {
        const std::string name = text(address);
        if (name.starts_with('/')) return name;
        const std::string base = path_of(directory);
        return name.empty() || base.empty() ? base : base + "/" + name;
    }

    /// The caller's descriptor, for ourselves.
    int copy_of(int descriptor) const {
        std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
        std::string word;
        pid_t process = 0;
        while (status >> word && word != "Tgid:") {
        }
        status >> process;
        const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
        const int copy = static_cast<int>(::syscall(SYS_pidfd_getfd, handle, descriptor, 0));
        ::close(handle);
        return copy;
    }

  private:
    pid_t pid_;
    const __u64* arguments_;
};

int descriptor_in(std::uint64_t argument) {
    return static_cast<int>(argument);
}

/// The paths that a call changes; the first is what its effect is about.
std::vector<std::string> paths(const Call& call, const Caller& caller) {
    switch (call.shape) {
        case Shape::path:
            return {caller.path(AT_FDCWD, caller.argument(0))};
        case Shape::at:
            return {caller.path(descriptor_in(caller.argument(0)), caller.argument(1))};
        case Shape::two_paths:
            return {caller.path(AT_FDCWD, caller.argument(0)),
                    caller.path(AT_FDCWD, caller.argument(1))};
        case Shape::two_at:
            return {caller.path(descriptor_in(caller.argument(0)), caller.argument(1)),
                    caller.path(descriptor_in(caller.argument(2)), caller.argument(3))};
        case Shape::link_text:
            return {caller.path(AT_FDCWD, caller.argument(1))};
        case Shape::link_text_at:
            return {caller.path(descriptor_in(caller.argument(1)), caller.argument(2))};
        case Shape::descriptor:
            return {caller.path_of(descriptor_in(caller.argument(0)))};
    }
    return {};
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

/// Does the first half of a write in the caller's place; 0 if it is no write, or too short to
/// halve.
std::int64_t half_written(const std::string& name, const Caller& caller) {
    std::string bytes;
    if (name.starts_with("writev ")) {
        const auto count = static_cast<std::size_t>(caller.argument(2));
        const std::string table = caller.bytes(caller.argument(1), count * sizeof(iovec));
        for (std::size_t i = 0; i < table.size() / sizeof(iovec); ++i) {
            iovec part{};
            std::memcpy(&part, table.data() + i * sizeof(iovec), sizeof part);
            bytes += caller.bytes(reinterpret_cast<std::uint64_t>(part.iov_base), part.iov_len);
        }
    } else if (name.starts_with("write ") || name.starts_with("pwrite ")) {
        bytes = caller.bytes(caller.argument(1), caller.argument(2));
    }
    if (bytes.size() < 2) return 0;
    const int file = caller.copy_of(descriptor_in(caller.argument(0)));
    if (file < 0) fail("cannot take over a descriptor");
    const ssize_t done =
        name.starts_with("pwrite ")
            ? ::pwrite(file, bytes.data(), bytes.size() / 2, static_cast<off_t>(caller.argument(3)))
            : ::write(file, bytes.data(), bytes.size() / 2);
    ::close(file);
    return done;
}

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
        const std::int64_t half = half_written(name, caller);
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
