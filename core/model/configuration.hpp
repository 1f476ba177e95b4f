// SPDX-License-Identifier: GPL-3.0-or-later
// The depot's configuration, sluice.toml (TOML 1.0). core/model/README.md lists every setting.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/bundle_limits.hpp"
#include "core/model/platform.hpp"
#include "core/model/provider.hpp"

namespace core {

struct Configuration {
    std::string origin = "sluice";  // apt's Origin; sites pin on it
    std::string public_url;         // where sites see public/; empty: no mirror lists
    std::string signing_key;        // fingerprint
    std::string signing_home;       // GnuPG home, relative to the depot; empty: the user's own
    std::chrono::hours keep_generations{72};
    std::chrono::hours keep_metadata{72};
    std::chrono::hours keep_packages{168};
    std::chrono::days valid_for{14};
    BundleLimits bundle_limits;
    std::vector<Line> lines;  // the first is the default
    std::vector<Platform> platforms;
    std::vector<Stage> stages;
    std::vector<std::string> base_packages = default_base_packages();  // patterns of names
    Providers providers;  // none: whoever may hand in may bring packages of any name

    /// Each throws Refused, naming what there is, if nothing is called so.
    const Line& line(std::string_view name) const;
    const Platform& platform(std::string_view name) const;
    const Stage& stage(std::string_view name) const;

    const Stage& entry_stage() const;
    const Stage& archive_stage() const;

    bool operator==(const Configuration&) const = default;
};

/// The line, platform or stage of that name; null if there is none.
template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Named::name);
    return found == all.end() ? nullptr : &*found;
}

/// unverified -> stage-rollout -> production -> deprecated.
std::vector<Stage> default_stages();

/// Throws Error that names the setting, what is wrong with it and what is allowed.
Configuration parse_configuration(std::string_view toml, std::string_view file_name);

/// The commented sluice.toml of a new depot.
struct NewConfiguration {
    std::string line;
    std::string public_url;
    std::string signing_key;
    std::string signing_home;
    SignaturePolicy signatures = SignaturePolicy::require;
};
std::string new_configuration(const NewConfiguration& choices);

/// A name that may stand in a path and a URL: [a-z0-9][a-z0-9._-]*, at most 64 characters.
bool is_plain_name(std::string_view name);

}  // namespace core
