// SPDX-License-Identifier: GPL-3.0-or-later
// What a ledger says of tickets: which operation was committed for which cause, and which release
// is whose. Read anew when the ledger has grown.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/store/ledger.hpp"
#include "rt-bridge/bridge/releases.hpp"

namespace bridge {

/// For the box on a ticket's page.
struct HistoryLine {
    std::uint64_t operation = 0;
    core::Time time{};
    std::string verb;
    std::string by;
    std::vector<std::string> warnings;
};

class LedgerIndex {
  public:
    /// Of committed operations, in order.
    explicit LedgerIndex(const std::vector<core::CommittedOperation>& operations);

    std::optional<Done> done_for(const std::string& cause) const;
    std::string of_ticket(rt::TicketId ticket) const;
    rt::TicketId ticket_of(const std::string& release) const;
    std::vector<Moved> moved_after(std::uint64_t number) const;
    std::vector<HistoryLine> history(const std::string& release) const;
    std::uint64_t last() const { return last_; }

  private:
    void add(const core::CommittedOperation& committed);

    std::map<std::string, Done> done_;
    std::map<rt::TicketId, std::string> releases_;
    std::map<std::string, rt::TicketId> tickets_;
    std::map<std::string, std::vector<HistoryLine>> history_;
    std::vector<Moved> moved_;  // by others than tickets
    std::uint64_t last_ = 0;
};

}  // namespace bridge
