// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/bundle_limits.hpp"

#include <iterator>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {

std::string to_text(const BundleLimits& limits) {
    std::string text;
    for (const auto& [name, value] : bundle_limit_settings) {
        if (!text.empty()) text += ' ';
        text += std::to_string(limits.*value);
    }
    return text;
}

BundleLimits bundle_limits_in(std::string_view text) {
    const std::vector<std::string> words = split(text, " ");
    if (words.size() != std::size(bundle_limit_settings)) throw Error("limits that are none");
    BundleLimits limits;
    auto word = words.begin();
    for (const auto& [name, value] : bundle_limit_settings) {
        const auto number = whole_number(*word++);
        if (!number) throw Error("a limit that is no number");
        limits.*value = *number;
    }
    return limits;
}

}  // namespace core
