// SPDX-License-Identifier: GPL-3.0-or-later
// The bridge: does what tickets ask for, each request exactly once, and tells them what came of it.
//
// A request passes three states, each durable before the next begins: taken in (state.json), done
// (the ledger, which names it), told (gone from state.json). A crash in between is no harm: before
// anything is done the ledger is asked, and telling a ticket twice changes nothing. Only a request
// over which the process ended twice is not begun again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "rt-bridge/bridge/answers.hpp"
#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/bridge/intake.hpp"
#include "rt-bridge/bridge/judge.hpp"
#include "rt-bridge/bridge/request_queue.hpp"

namespace core {
class Unconfirmed;
}

namespace bridge {

/// What the bridge did since it was made; for monitoring and the log.
struct Counts {
    std::uint64_t passes = 0;
    std::uint64_t done = 0;           // requests that changed something, or found it so already
    std::uint64_t failed = 0;         // refused, and told so
    std::uint64_t not_permitted = 0;  // likewise
    std::uint64_t left_alone = 0;     // of tickets that were merged, deleted or moved
    std::uint64_t postponed = 0;      // times that an operator's error stopped a request
};

/// What goes to the operator's log.
struct Log {
    std::function<void(const std::string&)> info;
    std::function<void(const std::string&)> warning;
};

class Bridge {
  public:
    using Ready = std::function<bool(rt::TicketId)>;

    /// Everything is borrowed.
    Bridge(const Configuration& configuration, rt::Tickets& tickets, Releases& releases,
           StateStore& store, Log log);
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    /// One look at RT, and all the work there is. Throws Error if RT does not answer: what was done
    /// until then is kept. `ready` says whether a postponed ticket may be tried again. Returns
    /// whether nothing was postponed.
    bool pass(const Ready& ready);

    /// The ticket's failed request is made again; one that is postponed may go on. False: there is
    /// neither.
    bool retry(rt::TicketId ticket) { return queue_.retry(ticket); }

    const Counts& counts() const { return counts_; }
    std::size_t open() const { return queue_.state().open.size(); }
    const std::set<rt::TicketId>& postponed() const { return postponed_; }
    std::string release_of(rt::TicketId ticket) { return judge_.release_of(ticket); }

  private:
    using Jobs = std::vector<Job>;
    using Group = std::vector<Job*>;

    void take_in_changes();
    void take_in_moves();
    void handle_requests(const Ready& ready);
    void judge(rt::TicketId ticket, Jobs& jobs);
    void give_up(const Request& request);
    void leave_alone(const Request& request, const LeftAlone& left);
    void carry_out(Jobs& jobs);
    void perform(const Group& group);
    void record_answer(Request request, Answer answer);
    void record_done(const Job& job, const Done& done);
    void record_unconfirmed(Job& job, const core::Unconfirmed& unconfirmed);
    void record_refused(const Job& job, const core::Refused& refused);
    void tell(rt::TicketId ticket);
    void postpone_on_error(const std::set<rt::TicketId>& tickets,
                           const std::function<void()>& action);

    const Configuration& configuration_;
    rt::Tickets& tickets_;
    Releases& releases_;
    Log log_;
    Answers answers_;
    Intake intake_;
    RequestQueue queue_;
    Judge judge_;
    std::set<rt::TicketId> postponed_;  // in this pass
    int failures_in_a_row_ = 0;         // of RT
    Counts counts_;
};

}  // namespace bridge
