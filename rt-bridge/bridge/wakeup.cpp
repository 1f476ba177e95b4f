// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/wakeup.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/model/error.hpp"

namespace bridge {
namespace {

// A signal handler can reach nothing else. It writes into a pipe of ours (self-pipe) because a
// signal that comes just before poll() would not end it.
volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t signal_pipe = -1;

void on_signal(int signal) {
    const int saved = errno;
    stop_signal = signal;
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(signal_pipe, &byte, 1);
    errno = saved;
}

void change_mask(int how) {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(how, &signals, nullptr);
}

void handle_with(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

Wakeup::Wakeup() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw core::system_error("cannot make a pipe");
    }
    reading_ = core::File(ends[0]);
    writing_ = core::File(ends[1]);
    stop_signal = 0;
    signal_pipe = ends[1];
    handle_with(on_signal);
}

Wakeup::~Wakeup() {
    handle_with(SIG_DFL);
    signal_pipe = -1;
}

void Wakeup::block_signals() {
    change_mask(SIG_BLOCK);
}

void Wakeup::unblock_signals() {
    change_mask(SIG_UNBLOCK);
}

void Wakeup::wake() {
    const char byte = 0;
    // A full pipe wakes as well.
    [[maybe_unused]] const ssize_t written = ::write(writing_.descriptor(), &byte, 1);
}

bool Wakeup::sleep(std::chrono::milliseconds time) {
    pollfd polled{reading_.descriptor(), POLLIN, 0};
    if (!stopping()) ::poll(&polled, 1, static_cast<int>(time.count()));
    bool woken = stopping();
    std::array<char, 4096> bytes{};
    while (::read(reading_.descriptor(), bytes.data(), bytes.size()) > 0) woken = true;
    return woken;
}

bool Wakeup::stopping() const {
    return stop_signal != 0;
}

}  // namespace bridge
