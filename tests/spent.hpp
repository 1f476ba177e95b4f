// SPDX-License-Identifier: GPL-3.0-or-later
// What an action costs: it runs in a process of its own, whose memory and processor time the kernel
// tells when it has ended.
#pragma once

#include <algorithm>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tests {

struct Spent {
    std::string answer;  // what the action returned, or what() it threw
    double seconds = 0;  // of processor time
    long megabytes = 0;  // resident at most, beyond what the test itself has
};

/// Sanitizers keep shadows of all memory, and a build that is not optimised takes its time.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool memory_counts = false;
#else
inline constexpr bool memory_counts = true;
#endif
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
inline constexpr bool time_counts = true;
#else
inline constexpr bool time_counts = false;
#endif

inline long resident_megabytes() {
    std::ifstream statm("/proc/self/statm");
    long all = 0, resident = 0;
    statm >> all >> resident;
    return resident * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

template <class Action>
std::string answer_of(const Action& action) {
    try {
        return action();
    } catch (const std::exception& error) {
        return error.what();
    }
}

template <class Action>
Spent spent_by(const Action& action) {
#if defined(__SANITIZE_THREAD__)  // which forbids to fork beside threads
    return {answer_of(action)};
#endif
    const long before = resident_megabytes();
    int pipe[2];
    if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string answer = answer_of(action);
        const ssize_t written = ::write(pipe[1], answer.data(), answer.size());
        ::_exit(written < 0 ? 1 : 0);
    }
    ::close(pipe[1]);
    Spent spent;
    char c = 0;
    while (::read(pipe[0], &c, 1) == 1) spent.answer += c;
    ::close(pipe[0]);
    rusage usage{};
    int status = 0;
    ::wait4(child, &status, 0, &usage);
    if (status != 0) spent.answer += " (it ended with " + std::to_string(status) + ")";
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    spent.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    spent.megabytes = std::max(0l, usage.ru_maxrss / 1024 - before);
    return spent;
}

}  // namespace tests
