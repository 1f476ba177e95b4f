// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/path_lines.hpp"

#include <algorithm>

#include "backends/shards/gzip.hpp"
#include "core/parallel.hpp"

namespace shards {
namespace {

// A border follows one path in 512: about 32 KiB. A package touches some five shards, because its
// files are in so many places; so shards are smaller than those of other indexes.
constexpr std::uint32_t border_bits = 0x1ff;

// Paths can be chosen by trying; a shard stays bounded nevertheless.
constexpr std::size_t most_lines = 4096;

}  // namespace

void put_in_order(PathOwners& all) {
    // Runs of equal length are sorted side by side, then neighbours are merged until one is left.
    const std::size_t count = all.size();
    std::size_t length = count / core::parallel_width() + 1;
    const auto at = [&](std::size_t place) {
        return all.begin() + static_cast<std::ptrdiff_t>(std::min(place, count));
    };
    core::parallel_for(count / length + 1,
                       [&](std::size_t i) { std::sort(at(i * length), at((i + 1) * length)); });
    for (; length < count; length *= 2) {
        core::parallel_for(count / (2 * length) + 1, [&](std::size_t i) {
            const std::size_t begin = 2 * length * i;
            std::inplace_merge(at(begin), at(begin + length), at(begin + 2 * length));
        });
    }
    all.erase(std::unique(all.begin(), all.end()), all.end());
}

std::string lines_of(PathPart part) {
    std::string text;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (i > 0 && part[i].path == part[i - 1].path) {
            text.back() = ',';
        } else {
            text += part[i].path;
            text += ' ';
        }
        text += part[i].owner;
        text += '\n';
    }
    return text;
}

PathOwners owners_in(std::string_view text) {
    PathOwners all;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + 1);
        const auto blank = line.rfind(' ');
        std::string_view owners = line.substr(blank + 1);
        for (auto comma = owners.find(','); comma != owners.npos; comma = owners.find(',')) {
            all.push_back({line.substr(0, blank), owners.substr(0, comma)});
            owners.remove_prefix(comma + 1);
        }
        all.push_back({line.substr(0, blank), owners});
    }
    return all;
}

bool border_after(std::string_view path) {
    return (crc32(path) & border_bits) == 0;
}

std::vector<PathPart> cut_paths(PathPart all) {
    std::vector<PathPart> parts;
    std::size_t begin = 0;
    std::size_t lines = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool last = i + 1 == all.size();
        if (!last && all[i].path == all[i + 1].path) continue;
        ++lines;
        if (!last && lines < most_lines && !border_after(all[i].path)) continue;
        parts.push_back(all.subspan(begin, i + 1 - begin));
        begin = i + 1;
        lines = 0;
    }
    return parts;
}

}  // namespace shards
