// SPDX-License-Identifier: GPL-3.0-or-later
// What a command says: for people a few sentences, with --json one object for scripts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/model/error.hpp"
#include "core/model/problem.hpp"
#include "core/work/collector.hpp"
#include "core/work/operations.hpp"

namespace command_line {

using Json = nlohmann::json;

Json json_of(const core::Problem& problem);
Json json_of(const core::Report& report);
Json json_of(const core::Plan& plan);
Json json_of(const core::Outcome& outcome);
Json json_of(const core::Refused& refused);

/// One finding a line.
std::string text_of(const core::Report& report);

/// What changes, repository by repository; with `details` every package, else counts.
std::string text_of(const core::Plan& plan, bool details);

/// All findings of a refusal, its remedy and code.
std::string text_of(const core::Refused& refused);

/// Standard output, one line.
void print(const Json& json);

}  // namespace command_line
