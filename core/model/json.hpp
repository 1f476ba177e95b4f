// SPDX-License-Identifier: GPL-3.0-or-later
// JSON (RFC 8259) of the values that are kept on disk. Private to core: others see text or values.
#pragma once

#include <nlohmann/json.hpp>

#include "core/model/operation.hpp"
#include "core/model/problem.hpp"
#include "core/model/release.hpp"
#include "core/model/repository.hpp"
#include "core/model/state.hpp"

namespace core {

using Json = nlohmann::json;

Json json_of(const Problem& problem);
Json json_of(const Package& package);
Json json_of(const Operation& operation);
Package package_of(const Json& json);
Operation operation_of(const Json& json);
Problem problem_of(const Json& json);

/// Parses text of ours; `what` names it in the Error.
Json parse_json(std::string_view text, std::string_view what);

/// One line, keys sorted, invalid UTF-8 replaced.
std::string dump(const Json& json);

}  // namespace core
