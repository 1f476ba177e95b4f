// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/report.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace core {

Problem error_at(std::string where, reason::Code code, std::string message, std::string remedy) {
    Problem problem;
    problem.code = code;
    problem.where = std::move(where);
    problem.message = std::move(message);
    problem.remedy = std::move(remedy);
    return problem;
}

Problem warning_at(std::string where, reason::Code code, std::string message) {
    Problem problem = error_at(std::move(where), code, std::move(message));
    problem.severity = Severity::warning;
    return problem;
}

void append(Report& report, Report more) {
    std::ranges::move(more, std::back_inserter(report));
}

}  // namespace core
