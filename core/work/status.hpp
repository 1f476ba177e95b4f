// SPDX-License-Identifier: GPL-3.0-or-later
// The depot at a glance, and what needs attention. A value; how it is shown is up to others.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/key_rule.hpp"

namespace core {

/// The key that signs what is published.
struct DepotKey {
    std::string fingerprint;
    std::string unusable;          // why it cannot sign; empty if it can
    std::optional<Time> expires;   // when it ceases to
    std::optional<Digest> text{};  // of its public key; nothing: it cannot be had
};

struct Status {
    std::uint64_t generation = 0;
    Time date{};
    std::optional<Time> valid_until;
    std::size_t repositories = 0;
    std::map<std::string, std::size_t> releases;  // by stage
    std::vector<std::string> problems;            // somebody has to act now
    std::vector<std::string> warnings;            // or soon
};

/// `keys` is what judge_standing and judge_provider_keys found, `changes` what was changed since
/// the last commit.
Status status_of(const State& state, const Configuration& configuration, const DepotKey& key,
                 const Report& keys, const ConfigurationFindings& changes, Time now);

}  // namespace core
