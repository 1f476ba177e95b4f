// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/problem.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace core {

bool has_errors(const Report& report) {
    return std::any_of(report.begin(), report.end(),
                       [](const Problem& problem) { return problem.severity == Severity::error; });
}

std::string describe(const Problem& problem) {
    std::string text = escaped(problem.where);
    if (problem.line > 0) text += ":" + std::to_string(problem.line);
    if (problem.column > 0) text += ":" + std::to_string(problem.column);
    if (!text.empty()) text += ": ";
    text += problem.severity == Severity::error ? "error: " : "warning: ";
    if (!problem.element.empty()) text += escaped(problem.element) + ": ";
    text += escaped(problem.message);
    if (!problem.remedy.empty()) text += " (" + escaped(problem.remedy) + ")";
    return text + " [" + problem.code + "]";
}

}  // namespace core
