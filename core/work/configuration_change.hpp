// SPDX-License-Identifier: GPL-3.0-or-later
// What it means for a depot that its configuration is another one than that with which its current
// generation was made. Each change is carried out as a whole by the next commit, or refused by
// name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/configuration.hpp"
#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"
#include "core/work/backend.hpp"

namespace core {

/// The settings that what is published depends on; all others have their defaults.
Configuration shown_settings(const Configuration& configuration);

/// The configuration that `state` was published with; what does not show in it is as it is now.
Configuration configuration_of(const State& state, const Configuration& now);

/// "platform el9: architectures were x86_64, aarch64, are x86_64": one for each setting.
std::vector<std::string> setting_changes(const Configuration& then, const Configuration& now);

/// True if the metadata of a published repository has to be made anew.
bool is_outdated(const Repository& repository, const State& state, const Configuration& now);

/// The sections that take a package; none if the configuration has no place for it.
std::vector<Section> sections_for(const Configuration& configuration, const Formats& formats,
                                  const std::string& line, const Package& package);

/// One text for each setting, with releases and packages, neither all of them nor long.
struct Strandings {
    std::vector<std::string> refused;  // with what can be done
    std::vector<std::string> allowed;  // because losses are meant
};

/// What stands in the way of the present configuration: releases in `standing` would have no stage
/// or not a single package. Only if there is nothing of the kind: they would lose some packages, or
/// lack signatures, which `allow_loss` allows. What is in the archive may go.
Strandings strandings(const Depot& depot, const Formats& formats, const State& state,
                      const Standing& standing, bool allow_loss);

/// What the next commit carries out, a line for each change: of settings, after the losses that are
/// allowed with them, and with `keys` also of the keys, which sites have as they were. Neither long
/// nor many lines.
std::vector<std::string> pending_changes(const Depot& depot, const State& state,
                                         const ProviderKeys* keys,
                                         std::vector<std::string> allowed = {});

/// What is said after each.
inline constexpr std::string_view is_due =
    ": the next commit carries it out; run `sluice refresh` to do it now";

/// For status and verify, which has its own look at keys: no `keys`.
struct ConfigurationFindings {
    std::vector<std::string> refused;  // nothing can be committed until somebody acts
    std::vector<std::string> due;      // the next commit will carry it out
};
ConfigurationFindings configuration_findings(const Depot& depot, const Formats& formats,
                                             const State& state,
                                             const ProviderKeys* keys = nullptr);

}  // namespace core
