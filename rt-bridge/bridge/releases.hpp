// SPDX-License-Identifier: GPL-3.0-or-later
// The depot as the bridge needs it: what stands where, what was done for whom, and the operations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/work/operations.hpp"
#include "rt-bridge/bridge/attachments.hpp"
#include "rt-bridge/rt/action_table.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

/// A release as tickets are told of it.
struct ReleaseView {
    std::string id;
    std::string stage;                    // the depot's name; empty: it stands nowhere
    std::vector<std::string> submitters;  // who had a hand in it, for ever
    std::string url;                      // empty if it stands nowhere
    struct Line {
        std::string package;  // with version and architecture
        std::string platform;
    };
    std::vector<Line> packages;
    std::vector<std::string> client_files;   // URLs
    core::Report warnings;                   // of its admission
    std::vector<std::string> last_warnings;  // of the operation that moved it last
};

/// An operation that was committed.
struct Done {
    std::uint64_t number = 0;  // 0: none was needed, or it was a dry run
    std::string release;
    bool dry_run = false;
};

/// A move of a release that no ticket asked for.
struct Moved {
    std::uint64_t number = 0;
    std::string release;
    std::string by;
    std::string reason;
};

class Releases {
  public:
    virtual ~Releases() = default;

    /// What was committed for a cause; its release is the ticket's.
    virtual std::optional<Done> done_for(const std::string& cause) = 0;

    /// The release that was admitted last for a ticket; empty: none.
    virtual std::string of_ticket(rt::TicketId ticket) = 0;

    /// Receives what is handed in and admits it. Throws Refused for what is the provider's, and
    /// Unconfirmed, as those below do, if it may be done all the same: done_for() says whether it
    /// is.
    virtual Done admit(const HandedIn& handed_in, const core::Asked& asked) = 0;

    /// In one commit.
    virtual std::uint64_t promote(const core::Promotion& promotion, const core::Asked& asked) = 0;

    /// Rejects or deprecates.
    virtual std::uint64_t withdraw(rt::Verb verb, const std::string& release,
                                   const core::Asked& asked) = 0;

    virtual ReleaseView view(const std::string& release) = 0;

    /// Moves after operation `number` that were made by people and programs other than tickets.
    virtual std::vector<Moved> moved_after(std::uint64_t number) = 0;

    /// The ticket whose release this is; 0: none.
    virtual rt::TicketId ticket_of(const std::string& release) = 0;

    /// The number of the last operation.
    virtual std::uint64_t last_operation() = 0;
};

}  // namespace bridge
