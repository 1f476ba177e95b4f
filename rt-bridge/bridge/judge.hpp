// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be done about a request, by what RT, the ledger and the bridge's memory say of it.
// Reads them and changes nothing.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "rt-bridge/bridge/answers.hpp"
#include "rt-bridge/bridge/permission.hpp"
#include "rt-bridge/bridge/provenance.hpp"
#include "rt-bridge/bridge/releases.hpp"
#include "rt-bridge/bridge/state.hpp"

namespace bridge {

/// Something to do in the depot.
struct Job {
    Request request;  // as what it turned out to be
    rt::Action action{};
    Provenance provenance;
    std::string release;  // the ticket's; empty: none
    rt::Decision decision{};
    core::Asked asked{};
    bool emergency = false;      // granted by one who may
    std::string remarks{};       // for the end of the comment
    std::optional<Done> done{};  // it is: nobody was told of it yet
};

struct Reply {
    Request request;
    Answer answer;
    bool permitted = true;
};

struct LeftAlone {
    std::string why;  // "was deleted"
};

struct Nothing {};     // to do or to tell
struct EndedTwice {};  // the process did over it, and it was not done

using Judgement = std::variant<Nothing, EndedTwice, LeftAlone, Reply, Job>;

class Judge {
  public:
    /// Everything is borrowed.
    Judge(const Configuration& configuration, rt::Tickets& tickets, Releases& releases,
          const State& state);

    Judgement judge(Request request);

    /// Only what RT says for certain ends a request. That it does not show a ticket is no such
    /// thing.
    std::optional<LeftAlone> left_alone(const Request& request, const rt::Ticket& ticket) const;

    /// What was committed for this request.
    std::optional<Done> done_before(const Request& request, rt::Action action);

    /// For an admission; the job learns who had a hand in it and what was passed over.
    HandedIn handed_in(Job& job);

    std::string release_of(rt::TicketId ticket);

  private:
    const Request* failed(rt::TicketId ticket) const;
    bool asks_nothing(const Request& request);
    bool becomes_retry(Request& request);
    Judgement judge_move(Request request);
    Judgement judge_message(Request request);
    Judgement judge_action(Request request, const rt::Ticket& ticket);
    Judgement decide(Job job);
    std::vector<std::string> attached_with(const Request& request);
    Offer offer_of(const Job& job);

    const Configuration& configuration_;
    rt::Tickets& tickets_;
    Releases& releases_;
    const State& state_;
    Answers answers_;
    Permission permission_;
};

}  // namespace bridge
