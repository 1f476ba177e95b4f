// SPDX-License-Identifier: GPL-3.0-or-later
// bridge: follows RT, or looks at it once; bridge retry: has a ticket tried again; bridge
// forget-source: lets a repository be set back.
#pragma once

#include "rt-bridge/command_line/commands.hpp"

namespace sluice {

void add_bridge(command_line::Commands& commands);

}  // namespace sluice
