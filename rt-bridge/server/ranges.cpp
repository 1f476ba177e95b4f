// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/ranges.hpp"

#include <algorithm>
#include <string>

#include "core/model/text.hpp"

namespace server {
namespace {

constexpr std::size_t most_ranges = 256;

struct Bounds {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
};

/// "5-9", "5-" or "-5".
std::optional<Bounds> bounds_of(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || text.size() == 1) return std::nullopt;
    const std::string_view before = text.substr(0, dash);
    const std::string_view after = text.substr(dash + 1);
    Bounds bounds;
    if (!before.empty() && !(bounds.first = core::whole_number(before))) return std::nullopt;
    if (!after.empty() && !(bounds.last = core::whole_number(after))) return std::nullopt;
    if (bounds.first && bounds.last && *bounds.first > *bounds.last) return std::nullopt;
    return bounds;
}

Range range_of(const Bounds& bounds, std::uint64_t size) {
    if (!bounds.first) {
        const std::uint64_t count = std::min(bounds.last.value_or(0), size);
        return {size - count, count};
    }
    if (*bounds.first >= size) return {};
    const std::uint64_t last = std::min(bounds.last.value_or(size - 1), size - 1);
    return {*bounds.first, last - *bounds.first + 1};
}

}  // namespace

std::optional<std::vector<Range>> ranges_of(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    const auto texts = core::split(header.substr(unit.size()), ",");
    std::vector<Range> ranges;
    std::uint64_t sum = 0;
    for (const std::string& text : texts) {
        const auto bounds = bounds_of(core::trimmed(text));
        if (!bounds) return std::nullopt;
        const Range range = range_of(*bounds, size);
        if (range.size == 0) continue;
        ranges.push_back(range);
        sum += range.size;
        if (ranges.size() > most_ranges || sum > size) return std::vector{Range{0, size}};
    }
    if (ranges.empty()) return std::nullopt;
    return ranges;
}

}  // namespace server
