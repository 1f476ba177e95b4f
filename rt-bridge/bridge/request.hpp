// SPDX-License-Identifier: GPL-3.0-or-later
// What a ticket asks for, and what it is to be told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

/// What came of a request, kept until the ticket says so.
struct Answer {
    rt::Update update;    // empty: nothing changes but for the comment
    std::string comment;  // empty: none
    bool failed = false;  // it may be asked for again when the ticket was mended

    bool operator==(const Answer&) const = default;
};

struct Request {
    enum class Kind {
        action,   // RepoAction got a value
        mended,   // something came to the ticket that may mend what failed
        follow,   // the release was moved by somebody else: nothing to do but to tell
        created,  // the ticket is new, and may have been made with a RepoAction
    };

    rt::TicketId ticket = 0;
    std::uint64_t transaction = 0;  // of RT; for `follow` the number of the operation
    int attempt = 1;                // counts `sluice bridge retry` …
    rt::TransactionId retried = 0;  // … and what had happened in RT when it was made; 0: never
    int begun = 0;                  // how often it was begun and the process ended over it
    Kind kind = Kind::action;
    std::string action;  // the value of RepoAction; for `mended` the field that changed, or empty;
                         // for `follow` the release
    std::string by;      // the creator of the transaction
    std::optional<Answer> answer;

    /// What came to the ticket later has no part in it.
    rt::TransactionId up_to() const { return retried == 0 ? transaction : retried; }

    bool operator==(const Request&) const = default;
};

/// What ended the process so often is not tried again.
inline constexpr int most_begun = 2;

/// "rt:7/53", from the second attempt on "rt:7/53#2": names the request in the ledger and in the
/// comment that answers it.
std::string cause_of(const Request& request);

/// An operation that several tickets asked for bears all their causes, with blanks between them.
std::vector<std::string> causes_in(std::string_view cause);

/// The ticket of one cause; 0 if it is none of ours.
rt::TicketId ticket_in(std::string_view cause);

}  // namespace bridge
