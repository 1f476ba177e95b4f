// SPDX-License-Identifier: GPL-3.0-or-later
// The findings of a report, made in one way.
#pragma once

#include <string>

#include "core/model/problem.hpp"
#include "core/model/reason.hpp"

namespace core {

Problem error_at(std::string where, reason::Code code, std::string message,
                 std::string remedy = {});
Problem warning_at(std::string where, reason::Code code, std::string message);

void append(Report& report, Report more);

}  // namespace core
