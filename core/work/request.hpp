// SPDX-License-Identifier: GPL-3.0-or-later
// A request: who asks for an operation and why, and what the verb needs to know. Made once, where
// somebody asks.
#pragma once

#include <string>
#include <vector>

#include "core/model/provider.hpp"

namespace core {

struct Asked {
    std::string by;
    std::string reason;
    std::string cause;  // of Operation
    bool dry_run = false;
};

struct Admission {
    std::string line{};                     // empty: the default line
    bool emergency = false;                 // granted; the descriptor can only ask for it
    Introduction introduction{};            // who hands in
    std::vector<std::string> submitters{};  // who else had a hand in what is handed in
};

struct Promotion {
    std::vector<std::string> releases;
    std::string to;
    bool allow_downgrade = false;            // publish versions older than what the stage has
    bool emergency = false;                  // the one who asks says that it is one
    std::vector<std::string> waived_keys{};  // let pass though they do not hold any more
};

}  // namespace core
