// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with an input, in a form that people, scripts and tickets can all use.
#pragma once

#include <string>
#include <vector>

namespace core {

enum class Severity { warning, error };

/// One finding. Texts are plain; whoever prints them escapes control characters (text.hpp).
struct Problem {
    Severity severity = Severity::error;
    std::string code;     // a reason code, core/model/reason.hpp
    std::string where;    // a file or package as the provider named it; may be empty
    int line = 0;         // 1-based; 0: not known or not applicable
    int column = 0;       // 1-based, in bytes; 0: not known
    std::string element;  // XML path such as Release/Package[2]/Version; may be empty
    std::string message;  // what is wrong
    std::string remedy;   // how to mend it; may be empty

    bool operator==(const Problem&) const = default;
};

/// All findings of one input, in the order in which they were met.
using Report = std::vector<Problem>;

bool has_errors(const Report& report);

/// "release.xml:12:3: error: Release/Version: … (remedy) [code]", escaped, without a newline.
std::string describe(const Problem& problem);

}  // namespace core
