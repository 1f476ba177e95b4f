// SPDX-License-Identifier: GPL-3.0-or-later
// What single requests come to: who had a hand in a release, what RT hides for a moment, a stage
// that tickets have no word for, a process that ends over a request.
#include <gtest/gtest.h>

#include "core/model/configuration.hpp"
#include "core/work/commit.hpp"
#include "rt-bridge/bridge/bridge.hpp"
#include "tests/rt-bridge/bridge/fake_rt.hpp"

namespace bridge {
namespace {

struct Killed {};

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

class RulesTest : public testing::Test {
  protected:
    RulesTest() {
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

TEST_F(RulesTest, AThirdPersonsArchiveIsPassedOverAndNamed) {
    make(1, "alice");
    attach(1, "alice", "argus.tar.gz");
    attach(1, "mallory", "newer.tar.gz");
    ask(1, "bob", "MoveToUnverified");
    EXPECT_TRUE(look());
    ASSERT_EQ(releases_.taken.bundle.size(), 1u);
    EXPECT_EQ(releases_.taken.bundle.front().name, "argus.tar.gz");
    EXPECT_TRUE(told("Passed over: newer.tar.gz of mallory")) << rt_.texts[1];
}

TEST_F(RulesTest, WhatComesAfterTheAdmissionIsAnsweredOnceAndChangesNothing) {
    make(1, "alice");
    attach(1, "alice", "argus.tar.gz");
    ask(1, "bob", "MoveToUnverified");
    for (const char* user : {"alice", "bob", "mallory"}) {
        attach(1, user, "newer.tar.gz");
        EXPECT_TRUE(look());
        EXPECT_TRUE(told(std::string("newer.tar.gz came from ") + user)) << rt_.texts[1];
        EXPECT_TRUE(told("cleared and set to MoveToUnverified again")) << rt_.texts[1];
    }
    attach(1, "alice", "notes.txt");
    EXPECT_TRUE(look());
    EXPECT_EQ(rt_.comments[1].size(), 4u);
    EXPECT_EQ(releases_.number, 2u);
    EXPECT_EQ(status(), "Unverified");
}

/// Every way to have a hand in a release, for somebody who may send releases to production.
TEST_F(RulesTest, WhoHadAHandInItDoesNotSendItToProduction) {
    using Kind = rt::Change::Kind;
    const std::vector<std::function<void()>> hands{
        [&] { make(1, "demo"); },
        [&] { make(1, "bob", {"demo"}); },
        [&] {
            make(1, "bob", {"demo"});
            happen(1, Kind::requestor, "demo");
            rt_.changes.at(last_).old_value = "demo";
            rt_.tickets[1].requestors.clear();
        },
        [&] {
            make(1, "bob");
            attach(1, "demo", "argus.tar.gz");
        },
        [&] {
            make(1, "bob");
            happen(1, Kind::field, "demo", "SyncURL", "https://example.org/");
        },
        [&] {
            make(1, "bob");
            ask(1, "demo", "MoveToUnverified");
        },
    };
    for (std::size_t i = 0; i < hands.size(); ++i) {
        SCOPED_TRACE(i);
        rt_ = FakeRt();
        rt_.members = {{"unit", {"bob", "demo"}}, {"managers", {"carol", "demo"}}};
        releases_ = OneRelease();
        hands[i]();
        if (!rt_.tickets[1].fields.contains("RepoAction")) ask(1, "bob", "MoveToUnverified");
        look();
        ASSERT_EQ(releases_.stage, "unverified");
        // What happens to the ticket later does not undo it.
        rt_.tickets[1].requestors.clear();
        ask(1, "bob", "MoveToStageRollOut");
        ask(1, "demo", "MoveToProduction");
        look();
        EXPECT_EQ(releases_.stage, "stage-rollout");
        EXPECT_TRUE(told("[second-person]")) << rt_.texts[1];
        ask(1, "carol", "");
        ask(1, "carol", "MoveToProduction");
        look();
        EXPECT_EQ(releases_.stage, "production");
    }
}

TEST_F(RulesTest, AnEmergencyIsGrantedByThoseWhoMayAndOnlyAskedForByOthers) {
    make(1, "alice");
    rt_.tickets[1].fields["Emergency"] = "yes";
    ask(1, "bob", "MoveToUnverified");
    look();
    EXPECT_FALSE(releases_.taken.admission.emergency);
    EXPECT_TRUE(told("An emergency was asked for by alice")) << rt_.texts[1];
    EXPECT_TRUE(told("the group managers")) << rt_.texts[1];
    ask(1, "carol", "MoveToProduction");
    look();
    EXPECT_EQ(releases_.stage, "unverified");
    EXPECT_EQ(status(), "Failed");
    EXPECT_TRUE(told("An emergency was asked for by alice")) << rt_.texts[1];
    happen(1, rt::Change::Kind::field, "carol", "Emergency", "");
    happen(1, rt::Change::Kind::field, "bob", "Emergency", "yes");
    look();
    EXPECT_EQ(releases_.stage, "unverified") << "bob may not";
    happen(1, rt::Change::Kind::field, "bob", "Emergency", "");
    happen(1, rt::Change::Kind::field, "carol", "Emergency", "yes");
    look();
    EXPECT_EQ(releases_.stage, "production") << rt_.texts[1];
}

TEST_F(RulesTest, ATicketThatRtHidesForAMomentIsNotGivenUpAndStopsNoOther) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    make(2, "alice");
    ask(2, "mallory", "Reject");
    rt_.hidden = {1};
    EXPECT_FALSE(look());
    EXPECT_NE(warnings_.find("ticket 1 is postponed: RT answered 403"), std::string::npos);
    EXPECT_TRUE(told("mallory may not", 2));
    EXPECT_FALSE(look());
    rt_.hidden.clear();
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
    EXPECT_EQ(bridge_->counts().left_alone, 0u);
}

TEST_F(RulesTest, AStageThatTicketsHaveNoWordForStopsNobody) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.stage = "trial";
    releases_.moves = {{++releases_.number, "argus-1", "erin", "by hand"}};
    make(2, "alice");
    ask(2, "mallory", "Reject");
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("Operation 3 of erin")) << rt_.texts[1];
    EXPECT_TRUE(told("in trial")) << rt_.texts[1];
    EXPECT_EQ(status(), "Unverified");
    EXPECT_TRUE(told("mallory may not", 2));
    ask(1, "bob", "MoveToStageRollOut");
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("the release is in trial; to stage-rollout releases come from unverified"))
        << rt_.texts[1];
}

TEST_F(RulesTest, AMoveThatCannotBeToldNowStopsNobody) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.moves = {{++releases_.number, "argus-1", "erin", ""}};
    releases_.look = [] { throw core::Refused("unknown-release", "its record is not there"); };
    make(2, "alice");
    ask(2, "mallory", "Reject");
    EXPECT_FALSE(look());
    releases_.look = [] {};
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("of erin")) << rt_.texts[1];
    EXPECT_TRUE(told("mallory may not", 2));
}

TEST_F(RulesTest, ARequestOverWhichTheProcessEndsTwiceIsFailedAndNoOtherIs) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    make(2, "alice");
    ask(2, "mallory", "Reject");
    int begun = 0;
    releases_.work = [&] {
        ++begun;
        throw Killed();
    };
    for (int i = 0; i < 2; ++i) {
        EXPECT_THROW(look(), Killed);
        bridge_.reset();
    }
    EXPECT_TRUE(look());
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(status(), "Failed");
    EXPECT_TRUE(told("[process-ended]")) << rt_.texts[1];
    EXPECT_TRUE(told("mallory may not", 2));
    releases_.work = [] {};
    EXPECT_TRUE(bridge_->retry(1));
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
}

TEST_F(RulesTest, AnErrorIsNoEndOfTheProcess) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    releases_.work = [] { throw core::Error("no space left"); };
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(look());
        bridge_.reset();
    }
    releases_.work = [] {};
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
}

TEST_F(RulesTest, WhatTheDiskDidNotConfirmIsDoneOnceAndToldWithTheDoubt) {
    releases_.after = [&] {
        throw core::Unconfirmed(releases_.number, "operation is done, but EIO");
    };
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    EXPECT_TRUE(look());
    EXPECT_EQ(status(), "Unverified");
    EXPECT_TRUE(told("done, operation 2")) << rt_.texts[1];
    EXPECT_TRUE(told("The disk did not confirm operation 2")) << rt_.texts[1];
    EXPECT_NE(warnings_.find("ticket 1: operation is done, but EIO"), std::string::npos);
    for (const auto& [action, by] : {std::pair{"MoveToStageRollOut", "bob"}, {"Reject", "bob"}}) {
        ask(1, by, action);
        EXPECT_TRUE(look());
        EXPECT_TRUE(told("The disk did not confirm operation " + std::to_string(releases_.number)))
            << rt_.texts[1];
    }
    EXPECT_TRUE(look());
    EXPECT_EQ(releases_.number, 4u);
    EXPECT_EQ(rt_.comments[1].size(), 3u);
    EXPECT_EQ(status(), "Rejected");
}

TEST_F(RulesTest, WhatNobodyCanTellWaitsUntilTheLedgerCan) {
    releases_.after = [&] {
        releases_.settle = [] { throw core::Error("no ledger now"); };
        throw core::Unconfirmed(releases_.number, "it may be done or not");
    };
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(look());
    EXPECT_TRUE(rt_.comments[1].empty());
    releases_.settle = releases_.after = [] {};
    EXPECT_TRUE(look());
    EXPECT_TRUE(told("done, operation 2")) << rt_.texts[1];

    releases_.after = [&] {
        releases_.ledger.clear();
        throw core::Unconfirmed(releases_.number, "it may be done or not");
    };
    ask(1, "bob", "MoveToStageRollOut");
    EXPECT_FALSE(look());
    EXPECT_EQ(rt_.comments[1].size(), 1u);
    EXPECT_EQ(status(), "Unverified");
}

/// Ticket 2 hands in what ticket 1 has had admitted: it speaks of that release.
TEST_F(RulesTest, AMoveOfAnothersReleaseIsToldToItsTicketThoughTheProcessEndedBefore) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.same = true;
    make(2, "alice");
    ask(2, "bob", "MoveToUnverified");
    look();
    EXPECT_TRUE(told("was admitted before", 2)) << rt_.texts[2];
    releases_.after = [] { throw Killed(); };
    ask(2, "bob", "MoveToStageRollOut");
    EXPECT_THROW(look(), Killed);
    bridge_.reset();
    releases_.after = [] {};
    EXPECT_TRUE(look()) << warnings_;
    EXPECT_TRUE(told("argus-1 is in stage-rollout", 2)) << rt_.texts[2];
    EXPECT_EQ(status(2), "Stage-Rollout");
}

/// What ticket 2 had in common with ticket 1 ends with an admission of its own.
TEST_F(RulesTest, AnAdmissionOverWhichTheProcessEndedIsTheTicketsReleaseAfterwards) {
    make(1, "alice");
    ask(1, "bob", "MoveToUnverified");
    look();
    releases_.same = true;
    make(2, "alice");
    ask(2, "bob", "MoveToUnverified");
    look();
    EXPECT_EQ(bridge_->release_of(2), "argus-1");
    releases_.same = false;
    releases_.after = [] { throw Killed(); };
    ask(2, "bob", "");
    ask(2, "bob", "MoveToUnverified");
    EXPECT_THROW(look(), Killed);
    bridge_.reset();
    releases_.after = [] {};
    EXPECT_TRUE(look()) << warnings_;
    EXPECT_EQ(bridge_->release_of(2), "") << "which the ledger of this test says";
}

}  // namespace
}  // namespace bridge
