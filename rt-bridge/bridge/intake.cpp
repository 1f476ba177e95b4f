// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/intake.hpp"

#include "core/text.hpp"

namespace bridge {
namespace {

// More than what rt::Tickets may repeat from before the cursor.
constexpr rt::TransactionId remembered = 1000;

}  // namespace

/// One call brings only so many; they are all read before any is judged. What stands before the
/// cursor is shown again by each call: only what comes after it can have more behind it.
void Intake::read_after(rt::TransactionId cursor, Changes& changes) {
    for (;;) {
        const rt::TransactionId before = cursor;
        for (rt::Change& change : tickets_.changes_after(cursor)) {
            cursor = std::max(cursor, change.id);
            changes.emplace(change.id, std::move(change));
        }
        if (cursor == before) return;
    }
}

/// RT does not say what a field was set to on creation: it is what the first change took away, or
/// what the ticket has if nobody changed it.
std::string Intake::first_action(const rt::Change& created, const Changes& changes) {
    for (auto next = changes.upper_bound(created.id); next != changes.end(); ++next) {
        const rt::Change& change = next->second;
        if (change.ticket == created.ticket && change.kind == rt::Change::Kind::field &&
            change.field == fields_.action) {
            return change.old_value;
        }
    }
    const auto& ticket = known_[created.ticket];
    return ticket ? ticket->field(fields_.action) : std::string();
}

std::optional<Request> Intake::request_of(const rt::Change& change, const Changes& changes) {
    Request request;
    request.ticket = change.ticket;
    request.transaction = change.id;
    request.by = change.creator;
    if (change.kind == rt::Change::Kind::created) {
        request.action = first_action(change, changes);
    } else if (change.kind == rt::Change::Kind::field && change.field == fields_.action) {
        request.action = change.new_value;
    } else {
        request.kind = Request::Kind::mended;
        request.action = change.field;
        return request;
    }
    if (request.action.empty()) return std::nullopt;
    return request;
}

Intake::Taken Intake::take(State state, bool first_time) {
    known_.clear();
    Changes changes;
    read_after(state.cursor, changes);
    for (const auto& [id, change] : changes) {
        const bool needed = change.kind == rt::Change::Kind::created || first_time;
        if (needed && !state.seen.contains(id) && !known_.contains(change.ticket)) {
            known_[change.ticket] = tickets_.ticket(change.ticket);
        }
    }
    // What was changed while tickets were read must not be taken for what they began with. It is
    // only looked at: it counts the next time, when its tickets are known.
    Changes later = changes;
    if (!known_.empty()) read_after(changes.rbegin()->first, later);

    Taken taken{std::move(state), 0};
    std::set<rt::TicketId> left;
    for (const auto& [id, change] : changes) {
        if (!taken.state.seen.insert(id).second) continue;
        taken.state.cursor = std::max(taken.state.cursor, id);
        const auto known = known_.find(change.ticket);
        if (first_time && known != known_.end() && known->second &&
            !known->second->field(fields_.status).empty()) {
            left.insert(change.ticket);
            continue;
        }
        if (auto request = request_of(change, later)) {
            taken.state.open.push_back(std::move(*request));
        }
    }
    std::erase_if(taken.state.seen,
                  [&](rt::TransactionId id) { return id + remembered < taken.state.cursor; });
    taken.left_alone = left.size();
    return taken;
}

}  // namespace bridge
