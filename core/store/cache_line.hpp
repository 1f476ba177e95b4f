// SPDX-License-Identifier: GPL-3.0-or-later
// The index of the cache: lines of fixed size, which say where values are.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/model/digest.hpp"
#include "core/store/cache.hpp"

namespace core {

/// In the machine's own byte order: a cache does not travel.
struct CacheLine {
    Digest digest;  // with the kind, the key
    Cache::Key::Kind kind = Cache::Key::Kind::other;
    std::uint32_t file = 0;  // of values
    std::uint64_t offset = 0;
    std::uint64_t checksum = 0;
    std::uint32_t size = 0;
    std::uint32_t used = 0;  // seconds since 1970

    bool is_of(const Cache::Key& key) const { return digest == key.digest && kind == key.kind; }

    /// Not if it says that it was used in times to come.
    bool used_within(std::time_t time, std::time_t now) const {
        return used <= now && now - used < time;
    }

    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(this), sizeof(CacheLine)};
    }
};
static_assert(std::is_trivially_copyable_v<CacheLine> && sizeof(CacheLine) == 64);

/// Of a value under its key. Finds damage, not malice: any within eight bytes that begin at a
/// multiple of eight, and any other but for one in 2^64. About 10 GB/s.
std::uint64_t checksum_of(const Digest& digest, Cache::Key::Kind kind, std::string_view value);

/// Those that are whole.
std::vector<CacheLine> lines_in(std::string_view bytes);

/// Nothing if it cannot be read.
std::vector<CacheLine> lines_of(const std::filesystem::path& table);

/// Of the lines of each key the last one, which counts.
std::vector<CacheLine> last_of_each(const std::vector<CacheLine>& lines);

}  // namespace core
