// SPDX-License-Identifier: GPL-3.0-or-later
// What RT's page of a ticket shows of its release, as JSON; the README of RT-Extension-Sluice has
// the form.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "rt-bridge/bridge/depot_releases.hpp"
#include "rt-bridge/bridge/state.hpp"

namespace bridge {

class TicketBox {
  public:
    TicketBox(const core::Depot& depot, const StateStore& state)
        : depot_(depot), state_(state), ledger_(depot) {}

    /// nullopt: the ticket has no release. Reads files only; safe from several threads.
    std::optional<std::string> json(rt::TicketId ticket);

  private:
    const core::Depot& depot_;
    const StateStore& state_;
    std::mutex mutex_;
    LedgerReader ledger_;
};

}  // namespace bridge
