// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/cache_line.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace core {
namespace {

/// No two numbers come out as one.
std::uint64_t mixed(std::uint64_t number) {
    number *= 0x9e3779b97f4a7c15;
    return number ^ number >> 32;
}

}  // namespace

std::uint64_t checksum_of(const Digest& digest, Cache::Key::Kind kind, std::string_view value) {
    std::array<std::uint64_t, 4> lanes;  // so that the processor need not wait for each word
    static_assert(sizeof lanes == sizeof digest.bytes);
    std::memcpy(lanes.data(), digest.bytes.data(), sizeof lanes);
    std::uint64_t sum = mixed(value.size()) ^ static_cast<std::uint64_t>(kind);
    while (!value.empty()) {
        std::array<std::uint64_t, 4> words{};
        const std::size_t size = std::min(value.size(), sizeof words);
        std::memcpy(words.data(), value.data(), size);
        for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = mixed(lanes[i] ^ words[i]);
        value.remove_prefix(size);
    }
    for (const std::uint64_t lane : lanes) sum = mixed(sum ^ lane);
    return sum;
}

std::vector<CacheLine> lines_in(std::string_view bytes) {
    std::vector<CacheLine> lines(bytes.size() / sizeof(CacheLine));
    if (!lines.empty()) std::memcpy(lines.data(), bytes.data(), lines.size() * sizeof(CacheLine));
    return lines;
}

std::vector<CacheLine> lines_of(const std::filesystem::path& table) {
    try {
        return lines_in(read_file(table));
    } catch (const Error&) {
        return {};
    }
}

std::vector<CacheLine> last_of_each(const std::vector<CacheLine>& lines) {
    std::set<std::pair<Digest, Cache::Key::Kind>> met;
    std::vector<CacheLine> last;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (met.emplace(line->digest, line->kind).second) last.push_back(*line);
    }
    std::ranges::reverse(last);
    return last;
}

}  // namespace core
