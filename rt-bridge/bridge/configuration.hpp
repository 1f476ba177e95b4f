// SPDX-License-Identifier: GPL-3.0-or-later
// The table [bridge] of a depot's sluice.toml. rt-bridge/README.md lists every setting.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/configuration.hpp"
#include "rt-bridge/fetch/fetcher.hpp"
#include "rt-bridge/rt/rest2.hpp"

namespace bridge {

/// Users by their name; groups of RT as "group:NAME".
using People = std::vector<std::string>;
inline constexpr std::string_view group_prefix = "group:";

struct Configuration {
    rt::Rest2Settings rt;
    std::filesystem::path authorities;  // certificates to trust instead of the system's
    std::chrono::seconds poll{60};

    std::string listen_address;  // empty: no webhook, no ticket page, no monitoring
    int listen_port = 0;
    std::string secret;
    std::vector<std::string> trusted_proxies;  // of `listen`: not counted by address

    std::map<rt::Action, People> may;
    core::Providers providers;  // of the depot
    People may_grant_emergency;
    bool two_person = true;
    std::map<rt::Status, std::string> responsible;  // groups
    rt::ActionTable actions{{}, {}};

    fetch::Settings download;
    std::vector<std::string> repository_keys;  // that repositories must be signed by; none: any
};

/// Reads the depot's sluice.toml again, and the files that hold secrets. Paths are relative to
/// `root`. Throws Error with the name of the setting, what is wrong with it and what is allowed.
Configuration read_configuration(const std::filesystem::path& root,
                                 const core::Configuration& depot);

/// The same from a text; for tests.
Configuration parse_configuration(std::string_view toml, const std::filesystem::path& root,
                                  const core::Configuration& depot);

}  // namespace bridge
