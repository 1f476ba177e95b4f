// SPDX-License-Identifier: GPL-3.0-or-later
// What a package may cost who reads it, and what it may add to each client's indexes. Bounds of
// work, not of time: the same package gets the same answer on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace core {

struct PackageLimits {
    // MiB that may come out of it; or `unpacked_ratio` times its own size, if that is more.
    std::uint64_t unpacked_mb = 1024;
    std::uint64_t unpacked_ratio = 200;
    std::uint64_t dictionary_mb = 128;     // memory that its compressor asks for: zstd --long=27
    std::uint64_t header_mb = 64;          // an RPM's header; a DEB's control file has 1 MiB
    std::uint64_t files = 500'000;         // also members of its archives
    std::uint64_t dependencies = 100'000;  // Requires, Provides and the like, in all

    // MiB of what is rendered of it: its element of primary; of filelists or its lines of Contents;
    // and of updateinfo by all of a release. Not of other: a package has one element there for all
    // lines, which is made again when the cache was lost, so what is cut of its change log must
    // follow from the package alone. Nor of Packages, because apt has a bound of its own.
    std::uint64_t primary_mb = 1;
    std::uint64_t filelists_mb = 32;
    std::uint64_t updateinfo_mb = 16;

    bool operator==(const PackageLimits&) const = default;
};

/// The largest that a setting may say.
inline constexpr std::uint64_t most_package_limit = 10'000'000;

/// The settings, by the names that they have in [line.limits] of sluice.toml.
struct PackageLimitSetting {
    std::string_view name;
    std::uint64_t PackageLimits::*value;
};
inline constexpr PackageLimitSetting package_limit_settings[] = {
    {"unpacked_mb", &PackageLimits::unpacked_mb},
    {"unpacked_ratio", &PackageLimits::unpacked_ratio},
    {"dictionary_mb", &PackageLimits::dictionary_mb},
    {"header_mb", &PackageLimits::header_mb},
    {"files", &PackageLimits::files},
    {"dependencies", &PackageLimits::dependencies},
    {"primary_mb", &PackageLimits::primary_mb},
    {"filelists_mb", &PackageLimits::filelists_mb},
    {"updateinfo_mb", &PackageLimits::updateinfo_mb},
};

/// Of what was admitted once: it is not judged by what a line gives today.
inline constexpr PackageLimits no_package_limits = [] {
    PackageLimits limits;
    for (const auto& [name, value] : package_limit_settings) limits.*value = most_package_limit;
    return limits;
}();

/// Throws Refused (package-limit) if `what` adds more to an index than so many MiB.
void check_index_size(std::string_view what, std::uint64_t bytes, std::uint64_t limit,
                      std::string_view setting);

}  // namespace core
