// SPDX-License-Identifier: GPL-3.0-or-later
// Writing to a ticket, and reading it again to see that it was done. Private to this folder.
#pragma once

#include "rt-bridge/rt/session.hpp"

namespace rt {

/// As Tickets::update.
void update_ticket(Session& session, const Rest2Settings& settings, TicketId id,
                   const Update& wanted);

}  // namespace rt
