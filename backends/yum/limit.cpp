// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/limit.hpp"

#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace yum {

void refuse_limit(std::string_view setting, const std::string& what, const std::string& remedy,
                  std::string_view other) {
    throw core::Refused(core::reason::package_limit, what,
                        fmt::format("{}, or raise {}{}{} in [line.limits] of sluice.toml", remedy,
                                    setting, other.empty() ? "" : " or ", other));
}

}  // namespace yum
