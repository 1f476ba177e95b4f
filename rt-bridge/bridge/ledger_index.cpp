// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/ledger_index.hpp"

#include <algorithm>

#include "rt-bridge/bridge/request.hpp"

namespace bridge {
namespace {

template <class Map, class Key>
typename Map::mapped_type value_or_none(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

LedgerIndex::LedgerIndex(const std::vector<core::CommittedOperation>& operations) {
    for (const core::CommittedOperation& one : operations) add(one);
}

void LedgerIndex::add(const core::CommittedOperation& committed) {
    const core::Operation& operation = committed.operation;
    last_ = operation.number;
    bool by_ticket = false;
    for (const std::string& cause : causes_in(operation.cause)) {
        const rt::TicketId ticket = ticket_in(cause);
        if (ticket == 0) continue;
        by_ticket = true;
        if (operation.verb == core::Verb::admit) {
            for (const core::Move& move : operation.moves) {
                if (!move.from.empty()) continue;
                releases_[ticket] = move.release;
                tickets_[move.release] = ticket;
            }
        }
        done_[cause] = {operation.number, value_or_none(releases_, ticket), false};
    }
    for (const core::Move& move : operation.moves) {
        history_[move.release].push_back({operation.number, committed.time,
                                          std::string(core::name(operation.verb)), operation.by,
                                          operation.warnings});
        // An admission for a ticket may push out what another ticket handed in before.
        const bool asked_for =
            by_ticket && (operation.verb != core::Verb::admit || move.from.empty());
        if (!asked_for) {
            moved_.push_back({operation.number, move.release, operation.by, operation.reason});
        }
    }
}

std::optional<Done> LedgerIndex::done_for(const std::string& cause) const {
    const auto found = done_.find(cause);
    return found == done_.end() ? std::nullopt : std::optional(found->second);
}

std::string LedgerIndex::of_ticket(rt::TicketId ticket) const {
    return value_or_none(releases_, ticket);
}

rt::TicketId LedgerIndex::ticket_of(const std::string& release) const {
    return value_or_none(tickets_, release);
}

std::vector<Moved> LedgerIndex::moved_after(std::uint64_t number) const {
    const auto first = std::find_if(moved_.begin(), moved_.end(),
                                    [&](const Moved& one) { return one.number > number; });
    return {first, moved_.end()};
}

std::vector<HistoryLine> LedgerIndex::history(const std::string& release) const {
    return value_or_none(history_, release);
}

}  // namespace bridge
