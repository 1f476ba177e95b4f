// SPDX-License-Identifier: GPL-3.0-or-later
// How a package is refused that asks for more than its line gives.
#pragma once

#include <string>
#include <string_view>

namespace yum {

/// Throws Refused (package-limit). `what` says what was found and what is allowed, `remedy` what
/// the provider can do; `setting`, and `other` if two decide, are those of [line.limits].
[[noreturn]] void refuse_limit(std::string_view setting, const std::string& what,
                               const std::string& remedy, std::string_view other = {});

}  // namespace yum
