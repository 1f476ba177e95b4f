// SPDX-License-Identifier: GPL-3.0-or-later
// The ticket system as the bridge needs it. Implemented for Request Tracker 5 by rest2.hpp.
//
// All methods throw core::Error if the ticket system does not answer, refuses our credentials or
// does not do what it was told: that is never the provider's fault.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/problem.hpp"

namespace rt {

using TicketId = std::uint64_t;
using TransactionId = std::uint64_t;

struct Ticket {
    TicketId id = 0;  // of the ticket that answered: another one if the asked one was merged
    std::string queue;
    bool deleted = false;
    std::string creator;                        // user name
    std::vector<std::string> requestors;        // users by name, groups as "group:NAME"
    std::map<std::string, std::string> fields;  // custom fields with a value

    /// Empty if the field has no value.
    const std::string& field(const std::string& name) const;
};

/// Something that happened to a ticket of our queue. Judge a request by its creator, who is known
/// to RT, and never by what a webhook said.
struct Change {
    enum class Kind {
        created,    // fields may have been set with it: read the ticket
        field,      // a custom field got another value
        message,    // a comment or an answer, perhaps with attachments
        requestor,  // somebody became one (new_value) or ceased to be one (old_value)
        merged,     // another ticket was merged into this one, with its requestors
    };

    TransactionId id = 0;
    TicketId ticket = 0;
    Kind kind = Kind::field;
    std::string field;      // its name; empty for other kinds
    std::string old_value;  // empty: none
    std::string new_value;
    std::string creator;

    bool operator==(const Change&) const = default;
};

struct Attachment {
    std::uint64_t id = 0;
    TransactionId transaction = 0;
    std::string name;  // as the provider named it: never a path
    std::string content_type;
    std::uint64_t size = 0;
    std::string creator;

    bool operator==(const Attachment&) const = default;
};

/// What a ticket shall look like. An absent member stays as it is.
struct Update {
    std::map<std::string, std::string> fields;  // empty value: no value
    std::optional<std::string> group;           // who is responsible

    bool operator==(const Update&) const = default;
};

class Tickets {
  public:
    virtual ~Tickets() = default;

    /// What has to be mended before work can begin; empty: everything is as it must be.
    virtual core::Report check() = 0;

    /// What the ticket is now. That RT does not show it, or shows a part only, is an Error: it may
    /// the next time. One that RT has no more is deleted.
    virtual Ticket ticket(TicketId id) = 0;

    /// All changes of one ticket, in order and from its creation on; what came to it by a merge is
    /// not among them.
    virtual std::vector<Change> history(TicketId id) = 0;

    /// Changes of the queue after the cursor that others made, in order: created, field, message.
    /// May repeat some from before it, because a database may show transactions out of order:
    /// whoever asks knows which ones it has seen.
    virtual std::vector<Change> changes_after(TransactionId cursor) = 0;

    /// Named attachments, oldest first; names may repeat.
    virtual std::vector<Attachment> attachments(TicketId id) = 0;

    /// The content into the new file `file`. Throws Refused (download-limit) if it is too large.
    virtual void download(const Attachment& attachment, const std::filesystem::path& file) = 0;

    /// Writes what differs, reads the ticket again and compares: when this returns, it is so.
    /// Nobody sees a new RepoStatus beside old values of the other fields.
    virtual void update(TicketId id, const Update& wanted) = 0;

    /// Adds a comment unless one of ours with this marker is there; false: it was there. `marker`
    /// is one word and becomes part of the comment's subject.
    virtual bool comment(TicketId id, const std::string& marker, const std::string& text) = 0;

    /// Is the user in the group now, directly or through groups in it? That RT does not show a
    /// group which would have to be known is an Error.
    virtual bool in_group(const std::string& user, const std::string& group) = 0;
};

}  // namespace rt
