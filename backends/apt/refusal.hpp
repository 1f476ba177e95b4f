// SPDX-License-Identifier: GPL-3.0-or-later
// What is said of a package that is not taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/error.hpp"

namespace apt {

/// dpkg would not take it, or would have to guess.
core::Refused corrupt(const std::string& message);

core::Refused unsupported(const std::string& message, std::string remedy = {});

/// More than a setting of [line.limits] allows. `what` is said with the number that was found, as
/// in "it has 600000 files".
core::Refused over_limit(const std::string& what, std::string_view setting, std::uint64_t limit);

}  // namespace apt
