// SPDX-License-Identifier: GPL-3.0-or-later
// Every write of the REST2 client against an RT on the wire that fails at each byte: the connection
// ends within the request or within the answer, the answer is 500 after any number of changes,
// comes too late, or twice. The operation is then made again without a fault, as the bridge would:
// each change must have been made exactly once, and in the same order.
//
// Two programs are made of this: bridge_wire_test, with sanitizers, cuts reads only here and there;
// bridge_optimised_test cuts them at every byte too.
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "tests/rt-bridge/wire_rt.hpp"

namespace rt {
namespace {

using tests::Fault;
using tests::Framing;
using Changes = std::vector<std::string>;
using std::chrono::milliseconds;

constexpr milliseconds patient{20'000};

struct Operation {
    const char* name;
    void (*perform)(Rest2&);
    Changes changes;  // that it makes, if all is well
};

const Operation comment{"comment",
                        [](Rest2& rt) { rt.comment(1, "sluice:rt:1/7", "It is done."); },
                        {"comment sluice:rt:1/7"}};
const Operation fields{
    "fields",
    [](Rest2& rt) {
        rt.update(1, {{{"RepoStatus", "Production"}, {"RepositoryURL", ""}}, {}});
    },
    {"RepositoryURL ", "RepoStatus Production"}};
const Operation role{"role", [](Rest2& rt) { rt.update(1, {{}, "unit"}); }, {"Responsible unit"}};
const Operation all{"all",
                    [](Rest2& rt) {
                        rt.update(1, {{{"RepoStatus", "Failed"}}, "managers"});
                        rt.comment(1, "sluice:rt:1/8", "It failed.");
                    },
                    {"RepoStatus Failed", "Responsible managers", "comment sluice:rt:1/8"}};

/// A ticket, and a client whose connection is open already: what libcurl does when a kept
/// connection ends is part of what is tried.
class Scene {
  public:
    explicit Scene(Framing framing)
        : wire_(
              rt_, [this] { return next_fault(); }, framing) {
        rt_.members = {{"managers", {"carol"}}, {"unit", {"bob"}}};
        Ticket& ticket = rt_.tickets[1];
        ticket.id = 1;
        ticket.queue = "sw-rel";
        ticket.creator = "alice";
        ticket.fields = {{"RepoAction", "MoveToProduction"},
                         {"RepoStatus", "Stage-Rollout"},
                         {"RepositoryURL", "https://repo.example.org/stage-rollout/"}};
    }

    /// True if the operation said that it was done.
    bool perform(const Operation& operation, std::size_t exchange, const Fault& fault,
                 milliseconds patience) {
        const auto client = wire_.client(patience);
        try {
            client->ticket(1);
            opening_ = wire_.exchanges().size();
            plan(exchange, fault);
            operation.perform(*client);
            return true;
        } catch (const core::Error&) {
            plan(0, std::nullopt);
        }
        operation.perform(patience < patient ? *wire_.client(patient) : *client);
        return false;
    }

    Changes changes() { return wire_.changes(); }

    /// Those of the operation, without those that opened the connection.
    std::vector<tests::Exchange> exchanges() {
        auto seen = wire_.exchanges();
        seen.erase(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(opening_));
        return seen;
    }

  private:
    void plan(std::size_t exchange, const std::optional<Fault>& fault) {
        const std::lock_guard lock(mutex_);
        count_ = 0;
        at_ = exchange;
        fault_ = fault;
    }

    Fault next_fault() {
        const std::lock_guard lock(mutex_);
        return fault_ && count_++ == at_ ? *fault_ : Fault();
    }

    bridge::FakeRt rt_;
    std::size_t opening_ = 0;
    std::mutex mutex_;  // of what follows
    std::size_t count_ = 0;
    std::size_t at_ = 0;
    std::optional<Fault> fault_;
    tests::WireRt wire_;
};

/// From one cut to the next. Reads change nothing by themselves.
std::size_t step(const tests::Exchange& exchange) {
    const bool write = exchange.what.starts_with("PUT") || exchange.what.ends_with("/comment");
    return write ? 1 : BYTES_OF_READS;
}

class Wire : public testing::TestWithParam<std::tuple<const Operation*, Framing>> {
  protected:
    const Operation& operation() const { return *std::get<0>(GetParam()); }
    Framing framing() const { return std::get<1>(GetParam()); }

    /// The exchanges of the operation when nothing goes wrong.
    std::vector<tests::Exchange> script() {
        Scene scene(framing());
        EXPECT_TRUE(scene.perform(operation(), 0, {}, patient));
        EXPECT_EQ(scene.changes(), operation().changes);
        return scene.exchanges();
    }

    bool survives(std::size_t exchange, const Fault& fault, milliseconds patience = patient) {
        Scene scene(framing());
        const bool done = scene.perform(operation(), exchange, fault, patience);
        EXPECT_EQ(scene.changes(), operation().changes);
        return done;
    }
};

TEST_P(Wire, CutAtAnyByteOfARequestItIsMadeOnce) {
    const auto exchanges = script();
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const std::size_t size = exchanges[i].request;
        for (std::size_t byte = 0; byte < size && !HasFailure(); byte += step(exchanges[i])) {
            SCOPED_TRACE(exchanges[i].what + ", byte " + std::to_string(byte));
            Fault fault;
            fault.request_bytes = byte;
            survives(i, fault);
        }
    }
}

TEST_P(Wire, CutAtAnyByteOfAnAnswerItIsMadeOnce) {
    const auto exchanges = script();
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const std::size_t size = exchanges[i].answer;
        for (std::size_t byte = 0; byte < size && !HasFailure(); byte += step(exchanges[i])) {
            SCOPED_TRACE(exchanges[i].what + ", byte " + std::to_string(byte));
            Fault fault;
            fault.answer_bytes = byte;
            survives(i, fault);
        }
    }
}

TEST_P(Wire, AfterA500ItIsMadeOnce) {
    const auto exchanges = script();
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        for (const std::size_t changes : {std::size_t{0}, std::size_t{1}, Fault::none}) {
            SCOPED_TRACE(exchanges[i].what + ", changes " + std::to_string(changes));
            Fault fault;
            fault.changes = changes;
            fault.status = 500;
            EXPECT_FALSE(survives(i, fault)) << "nobody noticed";
        }
    }
}

TEST_P(Wire, AnAnswerThatComesTooLateIsNotWaitedFor) {
    const auto exchanges = script();
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        SCOPED_TRACE(exchanges[i].what);
        Fault fault;
        fault.delay = milliseconds(200);
        survives(i, fault, milliseconds(100));
    }
}

TEST_P(Wire, AnAnswerThatComesTwiceIsReadOnce) {
    const auto exchanges = script();
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        SCOPED_TRACE(exchanges[i].what);
        Fault fault;
        fault.twice = true;
        survives(i, fault);
    }
}

std::string name_of(const testing::TestParamInfo<Wire::ParamType>& info) {
    const Framing framing = std::get<1>(info.param);
    return std::get<0>(info.param)->name + std::string("With") +
           (framing == Framing::length   ? "Length"
            : framing == Framing::chunks ? "Chunks"
                                         : "Close");
}

INSTANTIATE_TEST_SUITE_P(Writes, Wire,
                         testing::Combine(testing::Values(&comment, &fields, &role, &all),
                                          testing::Values(Framing::length, Framing::chunks,
                                                          Framing::close)),
                         name_of);

}  // namespace
}  // namespace rt
