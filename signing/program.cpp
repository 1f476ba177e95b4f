// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/program.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace signing {
namespace {

/// 0 if it could not be started.
pid_t started(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t silent;
    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t process = 0;
    const int error =
        posix_spawnp(&process, arguments.front(), &silent, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&silent);
    return error == 0 ? process : 0;
}

bool has_ended(pid_t process, int options) {
    pid_t ended = 0;
    do {
        ended = ::waitpid(process, nullptr, options);
    } while (ended < 0 && errno == EINTR);
    return ended != 0;
}

}  // namespace

bool run_program(std::vector<std::string> words, std::chrono::milliseconds patience) {
    const pid_t process = started(std::move(words));
    if (process == 0) return false;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (has_ended(process, WNOHANG)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::kill(process, SIGKILL);
    has_ended(process, 0);
    return false;
}

}  // namespace signing
