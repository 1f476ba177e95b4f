// SPDX-License-Identifier: GPL-3.0-or-later
// What happened in the queue since the last look, as requests. Tickets are not read for it, so that
// one that cannot be read stops no other; only the first look at a queue has to.
#pragma once

#include "rt-bridge/bridge/state.hpp"
#include "rt-bridge/rt/rest2.hpp"

namespace bridge {

class Intake {
  public:
    Intake(rt::Tickets& tickets, rt::FieldNames fields)
        : tickets_(tickets), fields_(std::move(fields)) {}

    /// The state with what is new in it: requests, cursor and what was seen. Each transaction
    /// counts once, however often RT shows it. In a queue that is looked at for the first time,
    /// tickets that have a RepoStatus already are taken for dealt with; `left_alone` is how many.
    struct Taken {
        State state;
        std::size_t left_alone = 0;
    };
    Taken take(State state, bool first_time);

  private:
    using Changes = std::map<rt::TransactionId, rt::Change>;

    void read_after(rt::TransactionId cursor, Changes& changes);
    std::optional<Request> request_of(const rt::Change& change) const;

    rt::Tickets& tickets_;
    rt::FieldNames fields_;
};

}  // namespace bridge
