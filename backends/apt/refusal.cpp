// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/refusal.hpp"

#include <utility>

#include "core/model/reason.hpp"

namespace apt {

core::Refused corrupt(const std::string& message) {
    return core::Refused(core::reason::package_corrupt, "not a sound .deb file: " + message);
}

core::Refused unsupported(const std::string& message, std::string remedy) {
    return core::Refused(core::reason::package_unsupported, message, std::move(remedy));
}

core::Refused over_limit(const std::string& what, std::string_view setting, std::uint64_t limit) {
    const std::string name(setting);
    return core::Refused(core::reason::package_limit,
                         what + "; at most " + std::to_string(limit) + " are taken (" + name + ")",
                         "If that is right, raise " + name + " in [line.limits] of sluice.toml.");
}

}  // namespace apt
