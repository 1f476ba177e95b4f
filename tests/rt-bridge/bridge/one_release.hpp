// SPDX-License-Identifier: GPL-3.0-or-later
// A queue whose tickets speak of one release, and the bridge between them.
#pragma once

#include <gtest/gtest.h>

#include "core/model/configuration.hpp"
#include "core/work/commit.hpp"
#include "rt-bridge/bridge/bridge.hpp"
#include "tests/rt-bridge/bridge/fake_rt.hpp"

namespace bridge {

/// One release, argus-1 of ticket 1.
class OneRelease : public Releases {
  public:
    std::optional<std::string> stage;
    std::vector<std::string> submitters;
    std::vector<Moved> moves;
    HandedIn taken;
    std::function<void()> work = [] {};
    std::function<void()> look = [] {};
    std::function<void()> settle = [] {};
    std::function<void()> after = [] {};
    std::map<std::string, Done> ledger;  // by cause; `release` is what was admitted for the ticket
    bool same = false;                   // what is handed in was admitted before
    std::uint64_t number = 1;

    std::optional<Done> done_for(const std::string& cause) override {
        settle();
        const auto found = ledger.find(cause);
        return found == ledger.end() ? std::nullopt : std::optional(found->second);
    }
    std::string of_ticket(rt::TicketId ticket) override {
        return stage && ticket == 1 ? "argus-1" : "";
    }
    Done admit(const HandedIn& handed_in, const core::Asked& by) override {
        work();
        taken = handed_in;
        submitters = handed_in.admission.submitters;
        submitters.push_back(by.by);
        stage = "unverified";
        if (same) return {0, "argus-1", false};
        ledger[by.cause] = {++number, "argus-1", false};
        after();
        return ledger[by.cause];
    }
    std::uint64_t promote(const core::Promotion& promotion, const core::Asked& by) override {
        return moved(promotion.to, by);
    }
    std::uint64_t withdraw(rt::Verb verb, const std::string&, const core::Asked& by) override {
        return moved(verb == rt::Verb::reject ? "" : "deprecated", by);
    }
    std::uint64_t moved(const std::string& to, const core::Asked& by) {
        stage = to;
        ++number;
        for (const std::string& cause : causes_in(by.cause)) {
            ledger[cause] = {number, of_ticket(ticket_in(cause)), false};
        }
        after();
        return number;
    }
    ReleaseView view(const std::string& release) override {
        look();
        if (release.empty()) throw core::Refused("unknown-release", "there is none of no name");
        ReleaseView view;
        view.id = release;
        view.stage = *stage;
        view.submitters = submitters;
        return view;
    }
    std::vector<Moved> moved_after(std::uint64_t) override { return moves; }
    rt::TicketId ticket_of(const std::string&) override { return 1; }
    std::uint64_t last_operation() override { return number; }
};

class Memory : public StateStore {
  public:
    std::optional<State> load() const override { return state_; }
    void save(const State& state) override { state_ = state_from_json(to_json(state)); }

  private:
    std::optional<State> state_;
};

class BridgeOfOneRelease : public testing::Test {
  protected:
    BridgeOfOneRelease() {
        for (const auto& [action, who] : {std::pair{rt::Action::move_to_unverified, "group:unit"},
                                          {rt::Action::move_to_stage_rollout, "group:unit"},
                                          {rt::Action::move_to_production, "group:managers"},
                                          {rt::Action::reject, "group:unit"}}) {
            configuration_.may[action] = {who};
        }
        configuration_.may_grant_emergency = {"group:managers"};
        auto stages = core::default_stages();
        core::Stage trial{.name = "trial", .from = {"unverified"}, .emergency_from = {}};
        stages.insert(stages.begin() + 1, trial);
        configuration_.actions = {stages,
                                  {"unverified", "stage-rollout", "production", "deprecated"}};
        rt_.members = {{"unit", {"bob", "demo"}}, {"managers", {"carol", "demo"}}};
        look();  // the first one
    }

    rt::TransactionId happen(rt::TicketId ticket, rt::Change::Kind kind, const std::string& by,
                             const std::string& field = "", const std::string& value = "") {
        rt::Change change;
        change.id = ++last_;
        change.ticket = ticket;
        change.kind = kind;
        change.creator = by;
        change.field = field;
        change.old_value = rt_.tickets[ticket].field(field);
        change.new_value = value;
        rt_.happen(change);
        return last_;
    }

    void make(rt::TicketId id, const std::string& by, std::vector<std::string> requestors = {}) {
        rt::Ticket& ticket = rt_.tickets[id];
        ticket.id = id;
        ticket.queue = "sw-rel";
        ticket.creator = by;
        ticket.requestors = std::move(requestors);
        happen(id, rt::Change::Kind::created, by);
    }

    void attach(rt::TicketId ticket, const std::string& by, const std::string& name) {
        const auto id = happen(ticket, rt::Change::Kind::message, by);
        rt_.attached[ticket].push_back({id, id, name, "", 1, by});
    }

    void ask(rt::TicketId ticket, const std::string& by, const std::string& action) {
        happen(ticket, rt::Change::Kind::field, by, "RepoAction", action);
    }

    /// False: something was postponed.
    bool look() {
        if (!bridge_) {
            bridge_ = std::make_unique<Bridge>(
                configuration_, rt_, releases_, store_,
                Log{[](const std::string&) {},
                    [this](const std::string& text) { warnings_ += text + "\n"; }});
        }
        return bridge_->pass([](rt::TicketId) { return true; });
    }

    std::string status(rt::TicketId ticket = 1) { return rt_.tickets[ticket].field("RepoStatus"); }

    bool told(const std::string& text, rt::TicketId ticket = 1) {
        return rt_.texts[ticket].find(text) != std::string::npos;
    }

    Configuration configuration_;
    FakeRt rt_;
    OneRelease releases_;
    Memory store_;
    std::unique_ptr<Bridge> bridge_;
    rt::TransactionId last_ = 9;
    std::string warnings_;
};

}  // namespace bridge
