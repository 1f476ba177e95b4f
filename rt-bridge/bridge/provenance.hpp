// SPDX-License-Identifier: GPL-3.0-or-later
// Who brought what to a ticket. Each attachment and each value of a field is judged by the
// transaction that brought it, as RT tells its creator, up to the one that asks for something: what
// a third person adds is passed over, and what comes later has no part in it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

/// A value that somebody gave to a field; the creator of the ticket if it was made with it.
struct Setting {
    std::string value;
    std::string by;
};

/// What is handed in by those whose bytes count.
struct Offer {
    std::vector<rt::Attachment> attachments;  // their creators are those of their transactions
    Setting sync_url;
    Setting line;
    std::vector<std::string> passed_over;  // of others, in words
    People people;                         // for whom the ticket stands, and who asks
};

class Provenance {
  public:
    Provenance(rt::Ticket ticket, std::vector<rt::Change> history, rt::TransactionId up_to)
        : ticket_(std::move(ticket)), history_(std::move(history)), up_to_(up_to) {}

    /// What the field was set to last.
    Setting setting(const std::string& field) const { return settings(field).back(); }

    /// What the ticket was made with.
    std::string made_with(const std::string& field) const { return settings(field).front().value; }

    /// The creator, and everybody who is or ever was a requestor; groups as "group:NAME".
    People people() const;

    /// Those for whom the ticket stands: its creator and its requestors, but for a requestor who
    /// was added by somebody of whom `may` is not true. After a merge nobody can tell whose
    /// requestors they are: then only those count that were added one by one.
    People providers(const std::function<bool(const std::string& user)>& may) const;

    /// `counts`: is this somebody whose bytes count?
    Offer offer(const std::vector<rt::Attachment>& attachments, const rt::FieldNames& fields,
                const std::function<bool(const std::string& user)>& counts) const;

  private:
    std::vector<Setting> settings(const std::string& field) const;
    const rt::Change* transaction(rt::TransactionId id) const;

    rt::Ticket ticket_;
    std::vector<rt::Change> history_;
    rt::TransactionId up_to_;
};

}  // namespace bridge
