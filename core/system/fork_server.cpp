// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/fork_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <set>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"

extern char** environ;

namespace core {
namespace {

constexpr std::uint64_t largest_order = 4096;
constexpr std::uint64_t largest_question = 256u << 20;  // documents of a bundle

/// Where a process keeps its channel; what lies beyond is closed.
constexpr int channel_place = 3;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool quiet = false;  // a sanitizer's report is to be seen
#else
constexpr bool quiet = true;
#endif

/// Nothing of what this process was started with is left: no environment, no open file but the
/// channel, which gets a place that is known.
Channel strip(const Channel& channel) {
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        std::memset(*variable, 0, std::strlen(*variable));
    }
    ::clearenv();
    // Numbers, not objects: all but the channel are closed by number below.
    const int socket = ::fcntl(channel.descriptor(), F_DUPFD_CLOEXEC, channel_place + 1);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (socket < 0 || nothing < 0) throw system_error("cannot open /dev/null");
    for (const int standard : {0, 1, 2}) {
        if (standard == 2 && !quiet) continue;
        if (::dup2(nothing, standard) < 0) throw system_error("cannot duplicate");
    }
    if (::dup2(socket, channel_place) < 0) throw system_error("cannot duplicate");
    ::close_range(channel_place + 1, ~0u, 0);
    return Channel(File(channel_place));
}

/// Items take and free the same large buffers. Memory that goes back to the kernel after each of
/// them is cleared page by page for the next one.
void keep_freed_memory() {
    constexpr int largest = 32 << 20;  // what malloc takes for a threshold
    ::mallopt(M_MMAP_THRESHOLD, largest);
    ::mallopt(M_TRIM_THRESHOLD, 4 * largest);
}

/// An answer, or what was thrown instead.
std::string outcome(const CellTask& task, std::string_view question, std::vector<File> files) {
    try {
        return "+" + task.answer(question, std::move(files));
    } catch (const Refused& refused) {
        return "-" + pack_texts({refused.code(), refused.what(), refused.remedy()});
    } catch (const Error& error) {
        return std::string("!") + error.what();
    }
}

/// "TASK\nNUMBER\nTEXT" is answered by "NUMBER\nOUTCOME": an answer too many is found.
void answer_questions(const Channel& channel, const CellTasks& tasks) {
    std::vector<File> files;
    while (const auto message = channel.receive(largest_question, &files)) {
        const std::size_t name_end = message->find('\n');
        const std::size_t number_end = message->find('\n', name_end + 1);
        const std::string_view view = *message;
        const auto task = tasks.find(view.substr(0, name_end));
        if (task == tasks.end()) return;
        std::string answer(view.substr(name_end + 1, number_end - name_end));
        answer += outcome(task->second, view.substr(number_end + 1), std::move(files));
        if (!channel.send(answer)) return;
        files.clear();
    }
}

/// Of the cell: from its begin to its end.
[[noreturn]] void live(Channel channel, const CellTasks& tasks, const Confinement& confinement,
                       const CellLimits& limits) noexcept {
    try {
        keep_freed_memory();
        std::string welcome = "ready";
        try {
            if (!confinement.enter(limits)) welcome = "ready without Landlock";
        } catch (const std::exception& error) {
            channel.send(std::string("!") + error.what());
            ::_exit(1);
        }
        if (channel.send(welcome)) answer_questions(channel, tasks);
    } catch (...) {
        ::_exit(1);
    }
    ::_exit(0);  // no destructors, no exit handlers
}

class Server {
  public:
    Server(Channel orders, const CellTasks& tasks) : orders_(std::move(orders)), tasks_(tasks) {}

    void run() {
        std::vector<File> files;
        while (const auto order = orders_.receive(largest_order, &files)) {
            std::istringstream words(*order);
            std::string verb;
            words >> verb;
            const std::string answer =
                verb == "start" ? start(words, std::move(files)) : end(words);
            files.clear();
            if (!orders_.send(answer)) return;
        }
    }

  private:
    std::string start(std::istringstream& words, std::vector<File> files) {
        CellLimits limits;
        words >> limits.memory >> limits.file;
        try {
            if (!words || files.size() != 1) throw Error("an order that is none");
            for (std::string task; words >> task;) prepare(task);
            return std::to_string(fork_cell(std::move(files.front()), limits));
        } catch (const std::exception& error) {
            return std::string("!") + error.what();
        }
    }

    void prepare(const std::string& name) {
        const auto task = tasks_.find(name);
        if (task == tasks_.end()) throw Error("there is no task " + name);
        if (prepared_.insert(name).second && task->second.prepare) task->second.prepare();
    }

    pid_t fork_cell(File socket, const CellLimits& limits) {
        const pid_t server = ::getpid();
        const pid_t process = ::fork();
        if (process < 0) throw system_error("cannot start a process");
        if (process > 0) return process;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody outlives the one who asked
        if (::getppid() != server) ::_exit(1);
        if (::dup2(socket.descriptor(), channel_place) < 0) ::_exit(1);
        ::close_range(channel_place + 1, ~0u, 0);
        live(Channel(File(channel_place)), tasks_, confinement_, limits);
    }

    static std::string end(std::istringstream& words) {
        pid_t process = 0;
        if (words >> process && process > 0) {
            ::kill(process, SIGKILL);
            while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
        return {};
    }

    const Channel orders_;
    const CellTasks& tasks_;
    const Confinement confinement_;
    std::set<std::string> prepared_;
};

}  // namespace

void serve_forks(const Channel& orders, const CellTasks& tasks) noexcept {
    try {
        Server(strip(orders), tasks).run();
    } catch (...) {
        ::_exit(1);
    }
    ::_exit(0);
}

}  // namespace core
