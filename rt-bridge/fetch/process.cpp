// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/process.hpp"

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace fetch {
namespace {

constexpr std::size_t most_error_bytes = 4096;
constexpr int tick_milliseconds = 100;

/// A child that does not outlive its guard.
class Child {
  public:
    explicit Child(pid_t id) : id_(id) {}
    ~Child() {
        if (id_ <= 0) return;
        ::kill(-id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Once its errors are closed it has ended, or is about to.
    int wait() {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        ::kill(-id_, SIGKILL);  // what it may have left behind
        id_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t id_;
};

/// Between fork and exec: only what is allowed there when other threads exist.
[[noreturn]] void exec_program(char* const* arguments, char* const* environment, int errors,
                               std::uint64_t file_bytes) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit files{file_bytes, file_bytes};
    const rlimit no_core{0, 0};
    const int nothing = ::open("/dev/null", O_RDWR);
    const bool ready = ::setrlimit(RLIMIT_FSIZE, &files) == 0 &&
                       ::setrlimit(RLIMIT_CORE, &no_core) == 0 && ::dup2(nothing, 0) == 0 &&
                       ::dup2(nothing, 1) == 1 && ::dup2(errors, 2) == 2;
    if (ready) ::execvpe(arguments[0], arguments, environment);
    ::_exit(127);
}

/// False at the end.
bool read_errors(const core::File& errors, std::string& text) {
    pollfd ready{errors.descriptor(), POLLIN, 0};
    if (::poll(&ready, 1, tick_milliseconds) <= 0) return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(errors.descriptor(), buffer.data(), buffer.size());
    if (got <= 0) return got < 0 && errno == EINTR;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > most_error_bytes) text.resize(most_error_bytes);
    return true;
}

}  // namespace

Finished run_program(const std::vector<std::string>& arguments, std::uint64_t file_bytes,
                     const std::function<void()>& watch) {
    std::vector<char*> words;
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    std::string path = "PATH=/usr/bin:/bin";
    std::string locale = "LC_ALL=C.UTF-8";
    const std::array<char*, 3> environment{path.data(), locale.data(), nullptr};

    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw core::system_error("cannot make a pipe");
    const core::File errors(ends[0]);
    core::File write_end(ends[1]);
    const pid_t id = ::fork();
    if (id < 0) throw core::system_error("cannot start " + arguments.front());
    if (id == 0) exec_program(words.data(), environment.data(), ends[1], file_bytes);
    ::setpgid(id, id);  // in both processes: whoever comes first
    Child child(id);
    write_end.close();

    Finished finished;
    while (read_errors(errors, finished.errors)) watch();
    finished.exit_code = child.wait();
    if (finished.exit_code == 127) throw core::Error(arguments.front() + " is not installed");
    watch();
    return finished;
}

}  // namespace fetch
