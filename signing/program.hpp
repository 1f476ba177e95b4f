// SPDX-License-Identifier: GPL-3.0-or-later
// A program of GnuPG's that GPGME does not run. Private to this folder.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace signing {

/// Runs the program `words.front()` of PATH, without its messages. True if it came to its end; it
/// is killed if that takes longer than `patience`.
bool run_program(std::vector<std::string> words, std::chrono::milliseconds patience);

}  // namespace signing
