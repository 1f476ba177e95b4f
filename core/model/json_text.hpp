// SPDX-License-Identifier: GPL-3.0-or-later
// JSON text, ours or a stranger's, as a tree of values: in one pass, without recursion, in time and
// memory that are linear in its size and bounded by its limits. Whatever came from somebody else
// is parsed by this and nothing else.
#pragma once

#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

namespace core {

struct JsonLimits {
    std::size_t depth = 64;
    std::size_t values = std::numeric_limits<std::size_t>::max();  // members and elements
};

/// Throws Error, in which `what` names the text, if it is no JSON or goes beyond a limit. Of two
/// members of one name the last counts.
nlohmann::json parse_json(std::string_view text, std::string_view what,
                          const JsonLimits& limits = {});

}  // namespace core
