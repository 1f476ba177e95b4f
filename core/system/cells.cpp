// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/cells.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/text.hpp"
#include "core/system/fork_server.hpp"

namespace core {
namespace {

constexpr std::chrono::seconds start_patience{60};

/// More processor time for a process, beyond what it has used. Set from outside, as it may not
/// itself.
bool allow_processor_time(pid_t process, std::chrono::seconds more) {
    clockid_t clock{};
    timespec used{};
    rlimit limit{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
        return false;
    }
    if (::prlimit(process, RLIMIT_CPU, nullptr, &limit) != 0) return false;
    limit.rlim_cur = std::min<rlim_t>(
        limit.rlim_max, static_cast<rlim_t>(used.tv_sec) + static_cast<rlim_t>(more.count()) + 1);
    return ::prlimit(process, RLIMIT_CPU, &limit, nullptr) == 0;
}

constexpr std::size_t longest_message = 16 << 10;

/// A refusal is said to people, so it is looked at as all that a cell says. Nothing: it is none.
std::optional<Refused> refusal_in(std::string_view packed) {
    const auto texts = packed_texts(packed);
    const bool sound =
        texts && texts->size() == 3 && packed.size() <= longest_message && !(*texts)[0].empty() &&
        std::ranges::all_of((*texts)[0], [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
    if (!sound) return std::nullopt;
    return Refused((*texts)[0], std::string((*texts)[1]), std::string((*texts)[2]));
}

}  // namespace

Cell::~Cell() {
    cells_.end(process_);
}

bool Cell::ask(const CellQuestion& question) {
    std::vector<int> files;
    for (const File& file : question.files) files.push_back(file.descriptor());
    largest_answer_ = question.largest_answer;
    channel_.set_deadline(std::chrono::steady_clock::now() + 4 * question.processor_time);
    if (!allow_processor_time(process_, question.processor_time)) {
        throw system_error("cannot limit the time of a cell");
    }
    return channel_.send(fmt::format("{}\n{}\n{}", question.task, ++number_, question.text), files);
}

std::optional<std::string> Cell::answer() {
    const std::string number = std::to_string(number_) + "\n";
    auto answer = channel_.receive(largest_answer_ + number.size() + 1);
    if (!answer || !answer->starts_with(number) || answer->size() == number.size()) {
        return std::nullopt;
    }
    const char kind = (*answer)[number.size()];
    answer->erase(0, number.size() + 1);
    if (kind == '-') {
        if (const auto refusal = refusal_in(*answer)) throw Refused(*refusal);
    }
    if (kind == '!') throw Error(escaped(std::string_view(*answer).substr(0, longest_message)));
    if (kind != '+') return std::nullopt;
    return answer;
}

Cells::Cells(const CellTasks& tasks) {
    auto [ours, its] = Channel::make_pair();
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ < 0) throw system_error("cannot start a process");
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        serve_forks(its, tasks);
    }
    server_ = std::move(ours);
}

Cells::~Cells() {
    server_ = Channel();  // it ends by itself
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::string Cells::order(const std::string& text, std::span<const int> files) const {
    constexpr std::uint64_t largest = 4096;
    const std::lock_guard lock(mutex_);
    if (!server_.send(text, files)) throw Error("the process that makes cells has ended");
    const auto answer = server_.receive(largest);
    if (!answer) throw Error("the process that makes cells has ended");
    return *answer;
}

std::unique_ptr<Cell> Cells::start(std::span<const std::string> tasks,
                                   const CellLimits& limits) const {
    std::string text = fmt::format("start {} {}", limits.memory, limits.file);
    for (const std::string& task : tasks) text += " " + task;
    auto [ours, its] = Channel::make_pair();
    const int socket = its.descriptor();
    const std::string answer = order(text, {&socket, 1});
    its = Channel();
    const auto process = whole_number<pid_t>(answer);
    if (!process) throw Error("cannot start a cell: " + escaped(answer));
    std::unique_ptr<Cell> cell(new Cell(*this, std::move(ours), *process));
    cell->channel_.set_deadline(std::chrono::steady_clock::now() + start_patience);
    const auto welcome = cell->channel_.receive(1024);
    if (!welcome || !welcome->starts_with("ready")) {
        throw Error("cannot close a cell: " + escaped(welcome.value_or("it died")));
    }
    cell->landlocked_ = *welcome == "ready";
    return cell;
}

std::optional<std::string> Cells::ask(const CellQuestion& question,
                                      const CellLimits& limits) const {
    const auto cell = start({&question.task, 1}, limits);
    if (!cell->ask(question)) return std::nullopt;
    return cell->answer();
}

std::string Cells::remark() const {
    if (start({}, {})->landlocked_) return {};
    return "this kernel has no Landlock: what reads packages is closed in by seccomp and limits "
           "alone";
}

void Cells::end(pid_t process) const noexcept {
    try {
        order(fmt::format("end {}", process));
    } catch (const std::exception&) {
        // Then the server has ended, and with it all cells.
    }
}

std::unique_ptr<Cell> CellPool::take_idle() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    auto cell = std::move(idle_.back());
    idle_.pop_back();
    return cell;
}

std::optional<std::string> CellPool::ask(const CellQuestion& question) {
    std::unique_ptr<Cell> cell = take_idle();
    if (!cell || !cell->ask(question)) {
        cell = cells_.start(tasks_, limits_);
        if (!cell->ask(question)) throw Error("a cell does not listen");
    }
    try {
        auto answer = cell->answer();
        if (answer) keep(std::move(cell));
        return answer;
    } catch (const Refused&) {
        keep(std::move(cell));
        throw;
    }
}

void CellPool::keep(std::unique_ptr<Cell> cell) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(cell));
}

}  // namespace core
