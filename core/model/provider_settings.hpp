// SPDX-License-Identifier: GPL-3.0-or-later
// One [[provider]] of sluice.toml. Private to core.
#pragma once

#include "core/model/provider.hpp"
#include "core/model/settings.hpp"

namespace core {

/// Throws Error that names the setting, what is wrong with it and what is allowed.
Provider read_provider(Settings table);

}  // namespace core
