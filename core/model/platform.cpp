// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/platform.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace core {

bool Platform::answers_to(std::string_view text) const {
    const std::string wanted = lower(text);
    return wanted == lower(name) ||
           std::any_of(aliases.begin(), aliases.end(),
                       [&](const std::string& alias) { return wanted == lower(alias); });
}

}  // namespace core
