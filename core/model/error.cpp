// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/error.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <system_error>

namespace core {
namespace {

const Problem& first_error(const Report& report) {
    const auto found = std::find_if(report.begin(), report.end(), [](const Problem& problem) {
        return problem.severity == Severity::error;
    });
    assert(found != report.end());
    return *found;
}

std::string where_and_what(const Problem& problem) {
    return problem.where.empty() ? problem.message : problem.where + ": " + problem.message;
}

}  // namespace

Refused::Refused(std::string_view code, const std::string& message, std::string remedy)
    : std::runtime_error(message), code_(code), remedy_(std::move(remedy)) {
    Problem problem;
    problem.code = code_;
    problem.message = message;
    problem.remedy = remedy_;
    report_.push_back(std::move(problem));
}

Refused::Refused(Report report)
    : std::runtime_error(where_and_what(first_error(report))),
      code_(first_error(report).code),
      remedy_(first_error(report).remedy),
      report_(std::move(report)) {}

Error system_error(const std::string& what) {
    return Error(what + ": " + std::generic_category().message(errno));
}

}  // namespace core
