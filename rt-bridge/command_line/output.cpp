// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace command_line {
namespace {

/// A failure is kept by the stream.
void write(std::FILE* stream, std::string_view text) noexcept {
    std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace

void occupy_standard_files() {
    // From 0 upwards: a file gets the lowest number that is free.
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
        const int mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (::open("/dev/null", mode) != descriptor) std::abort();
    }
}

void write_stdout(std::string_view text) {
    write(stdout, core::escaped_lines(text));
}

void flush_output() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    throw core::system_error("cannot write to standard output");
}

void write_stderr(std::string_view text) noexcept {
    try {
        write(stderr, core::escaped_lines(text));
    } catch (const std::bad_alloc&) {
        write(stderr, "sluice: out of memory\n");
    }
    std::fflush(stderr);
}

void erase_stderr_line() noexcept {
    write(stderr, "\r\033[K");
    std::fflush(stderr);
}

}  // namespace command_line
