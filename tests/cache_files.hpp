// SPDX-License-Identifier: GPL-3.0-or-later
// What a cache has on disk, for tests that let it grow old or damage it.
#pragma once

#include <cstdint>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <vector>

#include "core/system/files.hpp"

namespace tests {

constexpr std::size_t cache_line = 64;
constexpr std::size_t used_in_line = 60;  // where a line of the index says when its value was used

inline std::vector<std::filesystem::path> files_of_cache(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> found;
    if (!std::filesystem::exists(directory)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
}

/// Calls `change` with the seconds of each line, and keeps what it makes of them.
template <class Change>
void change_times(const std::filesystem::path& directory, const Change& change) {
    for (const auto& file : files_of_cache(directory / "index")) {
        std::string lines = core::read_file(file);
        for (std::size_t at = used_in_line; at < lines.size(); at += cache_line) {
            std::uint32_t used = 0;
            std::memcpy(&used, lines.data() + at, sizeof used);
            change(used);
            std::memcpy(lines.data() + at, &used, sizeof used);
        }
        core::write_file(file, lines);
    }
}

/// As if so many days had passed.
inline void grow_old(const std::filesystem::path& directory, std::uint32_t days) {
    change_times(directory, [&](std::uint32_t& used) { used -= days * 24 * 60 * 60; });
}

/// How many values there are that nobody used for so many days; 0: all.
inline std::size_t values_unused_for(const std::filesystem::path& directory, std::uint32_t days) {
    const auto now = static_cast<std::uint32_t>(std::time(nullptr));
    std::size_t count = 0;
    change_times(directory,
                 [&](std::uint32_t& used) { count += used + days * 24 * 60 * 60 <= now ? 1 : 0; });
    return count;
}

}  // namespace tests
