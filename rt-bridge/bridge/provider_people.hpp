// SPDX-License-Identifier: GPL-3.0-or-later
// Which providers of the depot people belong to, as RT knows them now.
#pragma once

#include <set>
#include <string>

#include "core/provider.hpp"
#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

std::set<std::string> providers_of(const People& people, const core::Providers& providers,
                                   rt::Tickets& tickets);

}  // namespace bridge
