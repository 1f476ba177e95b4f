// SPDX-License-Identifier: GPL-3.0-or-later
// An outside program under bounds. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fetch {

struct Finished {
    int exit_code = -1;  // -1: ended by a signal
    std::string errors;  // the beginning of its standard error
};

/// Runs a program (found in the usual system directories) with an empty environment, nothing to
/// read, and files of at most `file_bytes`. `watch` is called several times a second; if it throws,
/// the program and its children are killed first.
Finished run_program(const std::vector<std::string>& arguments, std::uint64_t file_bytes,
                     const std::function<void()>& watch);

}  // namespace fetch
