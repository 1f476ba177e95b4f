// SPDX-License-Identifier: GPL-3.0-or-later
// The requests that wait to be done or told, in the order in which they were made. Every change is
// durable when its method returns.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "rt-bridge/bridge/state.hpp"

namespace bridge {

class RequestQueue {
  public:
    /// The store is borrowed.
    explicit RequestQueue(StateStore& store);

    const State& state() const { return state_; }

    /// Nothing was taken in yet.
    bool is_new() const { return new_; }

    /// Takes the state with what is new in it.
    void replace(State state);

    /// Adds requests; the ledger was read up to `followed`.
    void add(std::vector<Request> requests, std::uint64_t followed);

    /// The tickets with a request that waits, but for those that are not `wanted`. One over which
    /// the process has ended is alone, so that no other is blamed for it.
    std::vector<rt::TicketId> tickets(const std::function<bool(rt::TicketId)>& wanted) const;

    const Request& first_of(rt::TicketId ticket) const;

    /// Written down before anything is read or done for them: when the process is here again and it
    /// still stands there, it has ended meanwhile.
    void record_begun(const std::vector<rt::TicketId>& tickets);

    /// The process has not ended: what is still open was postponed, or has an answer.
    void clear_begun();

    /// The release that was found to be the ticket's; empty: the ledger knows. Saved with the
    /// answer that follows.
    void set_release(rt::TicketId ticket, const std::string& release);

    /// A refused request may be made again, until one of the ticket succeeds.
    void record_answer(Request request, Answer answer);

    /// The ticket's first request is dealt with.
    void close(rt::TicketId ticket);

    /// Likewise, and nobody can ask for it any more.
    void forget(rt::TicketId ticket);

    /// Makes the ticket's failed request again. False: nothing failed, and nothing waits.
    bool retry(rt::TicketId ticket);

  private:
    Request& first(rt::TicketId ticket);
    void save() { store_.save(state_); }

    StateStore& store_;
    State state_;
    bool new_ = true;
};

}  // namespace bridge
