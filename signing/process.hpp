// SPDX-License-Identifier: GPL-3.0-or-later
// A program of GnuPG's, run to its end or killed. It is started without a copy of this process's
// page tables, so it costs the same however large this process is. Private to this folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signing {

/// Where it finds and leaves what standard input and output have no place for.
inline constexpr int status_descriptor = 3;
inline constexpr int second_input = 4;

struct Invocation {
    std::vector<std::string> words;  // the program, as find_program() names it, and its arguments
    std::chrono::milliseconds patience{};
    /// Standard input, then the descriptors from second_input on; borrowed.
    std::vector<std::string_view> inputs{};
    std::size_t most_bytes = 1 << 20;  // that may come from standard output, and as status
};

struct Finished {
    bool given_up = false;  // it did not come to its end, and was killed; then there is no more
    std::string output;
    std::string status;
};

/// The absolute path of a program of PATH. Throws Error if it is not there.
std::string find_program(const std::string& program);

/// Runs it, without its messages, in the C locale, and with no open file but the named ones. How
/// it ended is told by what it wrote. Throws Error if it cannot be started, writes too much, or is
/// ended by a signal of somebody else's. Thread-safe.
Finished run(const Invocation& invocation);

}  // namespace signing
