// SPDX-License-Identifier: GPL-3.0-or-later
// Random histories of a queue, with faults anywhere, against a model that says what must come of
// them. A fault is an answer of RT that is lost before or after it took effect, an operation that
// fails before or after it was committed, or the end of the process at any of these points.
//
// The bridge is the real one. In one half of the traces RT is a FakeRt, called as a function; in
// the other the real REST2 client speaks to it through a socket, and requests and answers are cut
// off at random bytes, answered with 500, late or twice. Releases and the bridge's file are in
// memory.
//
// Two programs are made of this: bridge_wire_test runs 3,000 with calls and 500 on the wire under
// sanitizers; bridge_optimised_test, which has none, 10,000 with calls and 3,000 on the wire.
#include <cstdlib>
#include <deque>
#include <gtest/gtest.h>
#include <random>

#include "core/model/error.hpp"
#include "rt-bridge/bridge/bridge.hpp"
#include "rt-bridge/http/failure.hpp"
#include "tests/rt-bridge/bridge/fake_releases.hpp"
#include "tests/rt-bridge/bridge/ticket_model.hpp"
#include "tests/rt-bridge/wire_rt.hpp"

namespace bridge {
namespace {

struct Killed {};  // no std::exception: nobody but the test catches it

enum class Way { calls, wire };

class Trace {
  public:
    Trace(unsigned seed, Way way) : random_(seed), configuration_(configuration()) {
        rt_.members = {{"staff", {"bob", "carol"}}, {"unit", {}}, {"managers", {}}};
        rt_.repeated = below(4) == 0 ? 0 : 100;
        make_events();
        rt_.seen = reader;
        releases_.fault = [this] { trouble(); };
        store_.fault = [this] { trouble(); };
        if (way == Way::calls) {
            rt_.fault = [this] { trouble(); };
        } else {
            // Most with kept connections: to open one costs as much as what goes over it.
            static constexpr tests::Framing kept[] = {tests::Framing::length,
                                                      tests::Framing::chunks};
            const auto framing = below(8) == 0 ? tests::Framing::close : kept[below(2)];
            wire_ = std::make_unique<tests::WireRt>(
                rt_, [this] { return fault_on_the_wire(); }, framing);
        }
    }

    void run() {
        for (int pass = 0; pass < 60 && (!quiet() || pass < 4); ++pass) {
            for (std::size_t i = below(4); i > 0; --i) happen();
            look();
        }
        while (!quiet()) happen();
        end_trouble();
        for (int pass = 0; pass < 3; ++pass) look();
        check();
    }

  private:
    /// Whoever sees a new RepoStatus sees the address that belongs to it.
    static void reader(const rt::Ticket& ticket, const std::string& field) {
        const std::string status = ticket.field("RepoStatus");
        if (field != "RepoStatus" || status == "Failed") return;
        const std::string url = ticket.field("RepositoryURL");
        const std::string found = url.substr(0, url.find("/release-of-"));
        EXPECT_EQ(found, status == "Rejected" ? "" : "https://repo.example.org/" + status)
            << "ticket " << ticket.id << " becomes " << status;
    }

    void end_trouble() {
        const std::lock_guard lock(mutex_);
        calm_ = true;
    }

    std::size_t below(std::size_t count) {
        const std::lock_guard lock(mutex_);
        return random_() % count;
    }

    bool quiet() {
        const std::lock_guard lock(mutex_);
        return events_.empty();
    }

    std::string someone() {
        static const std::vector<std::string> people{"alice", "alice", "bob",
                                                     "bob",   "carol", "mallory"};
        return people[below(people.size())];
    }

    /// The value of RepoAction after the change is what RT would have.
    void make_events() {
        static const std::vector<std::string> actions{"MoveToUnverified",
                                                      "MoveToUnverified",
                                                      "MoveToStageRollOut",
                                                      "MoveToProduction",
                                                      "Reject",
                                                      "Depreceate",
                                                      ""};
        std::map<rt::TicketId, std::string> value;
        rt::TransactionId id = 0;
        const std::size_t tickets = 1 + below(4);
        for (std::size_t i = 3 + below(15); i > 0; --i) {
            rt::Change change;
            id += 1 + below(3);
            change.id = id;
            change.ticket = 1 + below(tickets);
            change.creator = someone();
            if (!value.contains(change.ticket)) {
                change.kind = rt::Change::Kind::created;
                value[change.ticket] = change.new_value = actions[below(actions.size())];
            } else if (below(4) == 0) {
                change.kind = rt::Change::Kind::message;
            } else {
                change.field = "RepoAction";
                change.old_value = value[change.ticket];
                do {
                    change.new_value = actions[below(actions.size())];
                } while (change.new_value == change.old_value);
                value[change.ticket] = change.new_value;
            }
            events_.push_back(change);
        }
        all_ = {events_.begin(), events_.end()};
    }

    /// The next one, or one of those behind it that is another ticket's: transactions of a database
    /// do not become visible in the order of their numbers.
    void happen() {
        const std::lock_guard lock(mutex_);
        if (events_.empty()) return;
        std::size_t chosen =
            rt_.repeated == 0 ? 0 : below(std::min<std::size_t>(3, events_.size()));
        for (std::size_t i = 0; i < chosen; ++i) {
            if (events_[i].ticket == events_[chosen].ticket) chosen = i;
        }
        rt::Change change = events_[chosen];
        events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(chosen));
        rt::Ticket& ticket = rt_.tickets[change.ticket];
        if (change.kind == rt::Change::Kind::created) {
            ticket.id = change.ticket;
            ticket.queue = "sw-rel";
            ticket.creator = change.creator;
            if (!change.new_value.empty()) ticket.fields["RepoAction"] = change.new_value;
            if (change.ticket % 2 == 0) ticket.fields["Emergency"] = "yes";
            change.new_value.clear();  // RT does not tell it
        } else if (change.kind == rt::Change::Kind::message) {
            rt::Attachment attachment;
            attachment.transaction = change.id;
            attachment.name = "release.xml";
            rt_.attached[change.ticket].push_back(attachment);
        }
        rt_.happen(change);
    }

    tests::Fault fault_on_the_wire() {
        const std::lock_guard lock(mutex_);
        tests::Fault fault;
        if (calm_) return fault;
        if (below(12) == 0) happen();
        switch (below(60)) {
            case 0:
                fault.request_bytes = below(400);
                break;
            case 1:
                fault.answer_bytes = below(1000);
                break;
            case 2:
                fault.status = 500;
                fault.changes = below(3);
                break;
            case 3:
                fault.twice = true;
                break;
            case 4:
                fault.delay = std::chrono::milliseconds(below(5));
                break;
            default:
                break;
        }
        return fault;
    }

    void trouble() {
        const std::lock_guard lock(mutex_);
        if (calm_) return;
        if (below(12) == 0) happen();
        const std::size_t kind = below(60);
        if (kind == 0) throw http::Failure(http::Trouble::unreachable, "no route");
        if (kind == 1) throw http::Failure(http::Trouble::broken, "cut off");
        if (kind == 2) throw core::Error("status 500");
        // Over one request only once: after the second time it is not tried again.
        if (kind == 3 && !store_.begun()) throw Killed();
    }

    void look() {
        try {
            if (!bridge_) {
                if (wire_) client_ = wire_->client();
                rt::Tickets& tickets = wire_ ? *client_ : static_cast<rt::Tickets&>(rt_);
                bridge_ = std::make_unique<Bridge>(
                    configuration_, tickets, releases_, store_,
                    Log{[](const std::string&) {}, [](const std::string&) {}});
            }
            bridge_->pass([](rt::TicketId) { return true; });
        } catch (const core::Error&) {
        } catch (const Killed&) {
            bridge_.reset();
        }
    }

    void check() {
        std::map<rt::TicketId, TicketModel> models;
        for (const rt::Change& change : all_) {
            auto [model, first] = models.try_emplace(change.ticket, change.ticket % 2 == 0,
                                                     rt_.tickets[change.ticket].creator);
            model->second.add(change);
        }
        std::multiset<std::string> causes;
        for (const auto& operation : releases_.operations) {
            for (const std::string& cause : causes_in(operation.causes)) causes.insert(cause);
        }
        std::multiset<std::string> expected;
        std::map<std::string, rt::TransactionId> taken;
        for (auto& [id, model] : models) {
            EXPECT_EQ(rt_.tickets[id].field("RepoStatus"), model.expected.status)
                << "ticket " << id;
            EXPECT_EQ(rt_.tickets[id].field("RepositoryURL"), model.expected.url)
                << "ticket " << id;
            EXPECT_EQ(rt_.groups[id], model.expected.group) << "ticket " << id;
            EXPECT_EQ(rt_.comments[id], model.expected.comments) << "ticket " << id;
            expected.insert(model.expected.done.begin(), model.expected.done.end());
            taken.insert(model.expected.taken.begin(), model.expected.taken.end());
        }
        EXPECT_EQ(causes, expected);
        EXPECT_EQ(releases_.taken, taken) << "whose bytes";
        EXPECT_EQ(bridge_->open(), 0u);
    }

    std::recursive_mutex mutex_;  // of all that follows: the wire has a thread
    std::mt19937 random_;
    const Configuration configuration_;
    std::deque<rt::Change> events_;
    std::vector<rt::Change> all_;
    FakeRt rt_;
    FakeReleases releases_;
    FakeStore store_;
    bool calm_ = false;
    std::unique_ptr<tests::WireRt> wire_;
    std::unique_ptr<rt::Rest2> client_;
    std::unique_ptr<Bridge> bridge_;
};

/// In ten parts, so that they run side by side.
class BridgeTrace : public testing::TestWithParam<unsigned> {
  protected:
    void run(unsigned traces, Way way) {
        if (std::getenv("SLUICE_LONG") != nullptr) traces *= 10;
        const unsigned first = GetParam() * traces;
        for (unsigned seed = first; seed < first + traces && !HasFailure(); ++seed) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            Trace(seed, way).run();
        }
    }
};

TEST_P(BridgeTrace, WhateverFailsEachRequestIsDoneOnceAndToldOnce) {
    run(TRACES_CALLED, Way::calls);
}

TEST_P(BridgeTrace, OnTheWireTooEachRequestIsDoneOnceAndToldOnce) {
    run(TRACES_ON_THE_WIRE, Way::wire);
}

INSTANTIATE_TEST_SUITE_P(Parts, BridgeTrace, testing::Range(0u, 10u));

}  // namespace
}  // namespace bridge
