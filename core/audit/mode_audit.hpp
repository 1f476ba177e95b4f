// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at modes: what is public can be read by everybody, what is private by nobody else,
// and not everybody writes. sluice makes it so itself, but depots of before, and what people
// copied, have the modes of some umask. One finding for each place, with the command that mends it.
#pragma once

#include "core/audit/audit.hpp"

namespace core {

std::vector<Finding> audit_modes(const Depot& depot);

}  // namespace core
