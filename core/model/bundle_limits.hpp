// SPDX-License-Identifier: GPL-3.0-or-later
// What a bundle may cost who receives it, all of it together. Bounds of work, not of time: the same
// bundle gets the same answer on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace core {

struct BundleLimits {
    std::uint64_t members = 20'000;  // and directories that its files are in, likewise
    std::uint64_t names_mb = 16;     // of all names, and of what else stands in a tar's headers
    std::uint64_t depth = 64;        // of directories

    // MiB that may come out of it; or `unpacked_ratio` times what was read of it by then, if that
    // is more; but never more than `total_mb`.
    std::uint64_t unpacked_mb = 256;
    std::uint64_t unpacked_ratio = 100;
    std::uint64_t total_mb = 64 * 1024;
    std::uint64_t member_mb = 16 * 1024;  // one file

    std::uint64_t documents = 200;    // comps, updateinfo, and what is compressed
    std::uint64_t documents_mb = 64;  // of comps and updateinfo together, uncompressed
    std::uint64_t xml_files = 1000;   // of which one may be the descriptor
    std::uint64_t findings = 100;     // of one kind; what is more is counted

    // The descriptor: its size, how deep elements stand in it, elements and attributes together,
    // attributes of an element, KiB of a text or value.
    std::uint64_t descriptor_kb = 1024;
    std::uint64_t xml_depth = 64;
    std::uint64_t xml_nodes = 100'000;
    std::uint64_t xml_attributes = 256;
    std::uint64_t xml_text_kb = 64;

    bool operator==(const BundleLimits&) const = default;
};

/// The settings, by the names that they have in [bundle.limits] of sluice.toml.
struct BundleLimitSetting {
    std::string_view name;
    std::uint64_t BundleLimits::*value;
};
inline constexpr BundleLimitSetting bundle_limit_settings[] = {
    {"members", &BundleLimits::members},
    {"names_mb", &BundleLimits::names_mb},
    {"depth", &BundleLimits::depth},
    {"unpacked_mb", &BundleLimits::unpacked_mb},
    {"unpacked_ratio", &BundleLimits::unpacked_ratio},
    {"total_mb", &BundleLimits::total_mb},
    {"member_mb", &BundleLimits::member_mb},
    {"documents", &BundleLimits::documents},
    {"documents_mb", &BundleLimits::documents_mb},
    {"xml_files", &BundleLimits::xml_files},
    {"findings", &BundleLimits::findings},
    {"descriptor_kb", &BundleLimits::descriptor_kb},
    {"xml_depth", &BundleLimits::xml_depth},
    {"xml_nodes", &BundleLimits::xml_nodes},
    {"xml_attributes", &BundleLimits::xml_attributes},
    {"xml_text_kb", &BundleLimits::xml_text_kb},
};

/// In the order of the table, with blanks between them; and back. Throws Error.
std::string to_text(const BundleLimits& limits);
BundleLimits bundle_limits_in(std::string_view text);

/// What a provider can do about a bound, and the operator: "…, or let the operator raise
/// bundle.limits.members in sluice.toml".
inline std::string raise_bundle_limit(std::string remedy, std::string_view setting) {
    return std::move(remedy) + ", or let the operator raise bundle.limits." + std::string(setting) +
           " in sluice.toml";
}

}  // namespace core
