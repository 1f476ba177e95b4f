// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/path_index.hpp"

#include <algorithm>
#include <compare>
#include <span>
#include <string_view>
#include <vector>

#include "backends/shards/gzip.hpp"
#include "backends/shards/output.hpp"
#include "core/system/parallel.hpp"

namespace shards {
namespace {

// Sorted paths have so much in common that more effort gains 3 % and takes three times as long.
constexpr int level = 1;

// A gzip member ends after one path in 512, about 32 KiB, where the path says so: what comes and
// goes elsewhere does not move the borders, so that rsync finds what a mirror has already.
constexpr std::uint32_t path_border_bits = 0x1ff;

// Paths can be chosen by trying; a member stays bounded nevertheless.
constexpr std::size_t most_lines = 4096;

// Parts that are in memory as text at one time.
constexpr std::size_t parts_at_once = 64;

/// A path and one of its owners; views into contributions.
struct PathOwner {
    std::string_view path;
    std::string_view owner;

    auto operator<=>(const PathOwner&) const = default;
};

using PathOwners = std::vector<PathOwner>;
using PathPart = std::span<const PathOwner>;

/// Bytewise by path, then by owner, on all cores; no two are the same.
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

PathOwners owners_in(const std::vector<Contribution>& contributions) {
    PathOwners all;
    for (const auto& [owner, paths] : contributions) {
        for (std::string_view rest = paths; !rest.empty();) {
            const std::string_view path = rest.substr(0, rest.find('\n'));
            if (!path.empty()) all.push_back({path, owner});
            rest.remove_prefix(std::min(rest.size(), path.size() + 1));
        }
    }
    put_in_order(all);
    return all;
}

/// All of it in order, none of the parts empty.
std::vector<PathPart> cut_paths(PathPart all) {
    std::vector<PathPart> parts;
    std::size_t begin = 0;
    std::size_t lines = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool last = i + 1 == all.size();
        if (!last && all[i].path == all[i + 1].path) continue;
        ++lines;
        if (!last && lines < most_lines && (crc32(all[i].path) & path_border_bits) != 0) continue;
        parts.push_back(all.subspan(begin, i + 1 - begin));
        begin = i + 1;
        lines = 0;
    }
    return parts;
}

/// A line for each path.
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

}  // namespace

Written write_path_index(const core::Rows& rows, const Contribute& contribute,
                         const std::filesystem::path& gzip) {
    std::vector<Contribution> contributions(rows.size());
    core::parallel_for(rows.size(), [&](std::size_t i) { contributions[i] = contribute(rows[i]); });
    const PathOwners owners = owners_in(contributions);
    const std::vector<PathPart> parts = cut_paths(owners);
    Output open({}), compressed(gzip);
    for (std::size_t begin = 0; begin < parts.size(); begin += parts_at_once) {
        std::vector<std::string> texts(std::min(parts_at_once, parts.size() - begin));
        std::vector<std::string> members(texts.size());
        core::parallel_for(texts.size(), [&](std::size_t i) {
            texts[i] = lines_of(parts[begin + i]);
            members[i] = Compressor(level).member(texts[i]);
        });
        core::parallel_for(2, [&](std::size_t form) {
            for (const std::string& text : form == 0 ? texts : members) {
                (form == 0 ? open : compressed).append(text);
            }
        });
    }
    // A gzip file has at least one member (RFC 1952 §2.2): zero bytes are none.
    if (compressed.empty()) compressed.append(Compressor(level).member(""));
    Written written;
    open.finish(written.plain_digest, written.plain_size, written.files);
    compressed.finish(written.gzip_digest, written.gzip_size, written.files);
    return written;
}

}  // namespace shards
