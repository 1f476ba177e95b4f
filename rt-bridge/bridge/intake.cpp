// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/intake.hpp"

#include "core/model/text.hpp"

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

std::optional<Request> Intake::request_of(const rt::Change& change) const {
    Request request;
    request.ticket = change.ticket;
    request.transaction = change.id;
    request.by = change.creator;
    if (change.kind == rt::Change::Kind::created) {
        request.kind = Request::Kind::created;
        return request;
    }
    if (change.kind == rt::Change::Kind::field && change.field == fields_.action) {
        request.action = change.new_value;
        if (request.action.empty()) return std::nullopt;
        return request;
    }
    request.kind = Request::Kind::mended;
    request.action = change.field;
    return request;
}

Intake::Taken Intake::take(State state, bool first_time) {
    Changes changes;
    read_after(state.cursor, changes);
    std::map<rt::TicketId, bool> dealt_with;
    for (const auto& [id, change] : changes) {
        if (!first_time || dealt_with.contains(change.ticket)) continue;
        dealt_with[change.ticket] = !tickets_.ticket(change.ticket).field(fields_.status).empty();
    }

    Taken taken{std::move(state), 0};
    std::set<rt::TicketId> left;
    for (const auto& [id, change] : changes) {
        if (!taken.state.seen.insert(id).second) continue;
        taken.state.cursor = std::max(taken.state.cursor, id);
        if (first_time && dealt_with.at(change.ticket)) {
            left.insert(change.ticket);
            continue;
        }
        if (auto request = request_of(change)) {
            taken.state.open.push_back(std::move(*request));
        }
    }
    std::erase_if(taken.state.seen,
                  [&](rt::TransactionId id) { return id + remembered < taken.state.cursor; });
    taken.left_alone = left.size();
    return taken;
}

}  // namespace bridge
