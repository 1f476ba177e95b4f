// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/ledger.hpp"

#include <cerrno>
#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::LedgerEntry;
using Event = core::LedgerEntry::Event;

class Ledger : public testing::Test {
  protected:
    LedgerEntry intent(std::uint64_t number, std::vector<core::Move> moves = {},
                       const std::string& reason = {}) {
        core::Operation operation;
        operation.number = number;
        operation.verb = core::Verb::promote;
        operation.moves = std::move(moves);
        operation.by = "ada";
        operation.reason = reason;
        return {Event::intent, time, number, operation};
    }
    LedgerEntry outcome(Event event, std::uint64_t number) {
        return {event, time, number, std::nullopt};
    }
    std::string text() { return core::read_file(file); }

    tests::Scratch directory = tests::Scratch::in_memory();
    std::filesystem::path file = directory / "ledger.jsonl";
    core::Ledger ledger{file};
    core::Time time = core::parse_time("2026-11-22T14:48:57Z");
};

TEST_F(Ledger, IsEmptyBeforeTheFirstEntry) {
    EXPECT_TRUE(ledger.read().empty());
    EXPECT_EQ(ledger.last(), std::nullopt);
    EXPECT_EQ(ledger.broken_link(), std::nullopt);
    ledger.recover();
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Ledger, GivesBackWhatWasAppended) {
    const std::string hostile = "a\nb\"\\\t\x01 \xe2\x80\xae }{ \xf0\x9d\x84\x9e";
    ledger.append(intent(1, {{"a-1", "", "unverified"}, {"b-1", "unverified", ""}}, hostile));
    ledger.append(outcome(Event::committed, 1));
    ledger.append(intent(2));
    ledger.append(outcome(Event::abandoned, 2));
    const auto entries = ledger.read();
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(
        *entries[0].operation,
        *intent(1, {{"a-1", "", "unverified"}, {"b-1", "unverified", ""}}, hostile).operation);
    EXPECT_EQ(entries[0].time, time);
    EXPECT_EQ(entries[3].event, Event::abandoned);
    EXPECT_EQ(ledger.last()->number, 2u);
    EXPECT_EQ(ledger.last()->event, Event::abandoned);
    EXPECT_EQ(ledger.broken_link(), std::nullopt);
    EXPECT_EQ(core::committed(entries).size(), 1u);
}

TEST_F(Ledger, KeepsChangesOfTheConfigurationWhereThereAreAny) {
    LedgerEntry with = intent(1);
    with.operation->configuration_changes = {"line a is new", "line b is \"\xc3\xa9\""};
    ledger.append(with);
    ledger.append(outcome(Event::committed, 1));
    ledger.append(intent(2));
    EXPECT_EQ(*ledger.read()[0].operation, *with.operation);
    EXPECT_EQ(ledger.broken_link(), std::nullopt);
    const std::string last = text().substr(text().find("\"number\":2"));
    EXPECT_EQ(last.find("configuration_changes"), std::string::npos) << "as older entries are";
}

TEST_F(Ledger, TheLastEntryIsFoundHoweverLongItIs) {
    ledger.append(intent(1));
    for (const std::size_t size : {100u, 65'000u, 65'536u, 400'000u}) {
        ledger.append(intent(size, {}, std::string(size, 'x')));
        EXPECT_EQ(ledger.last()->number, size);
        EXPECT_EQ(ledger.last()->operation->reason.size(), size);
    }
}

TEST_F(Ledger, ATornLineCountsForNothingAndIsCut) {
    ledger.append(intent(1));
    const std::string whole = text();
    ledger.append(outcome(Event::committed, 1));
    const std::string both = text();
    for (std::size_t size = whole.size(); size < both.size(); ++size) {
        core::write_file(file, both.substr(0, size));
        EXPECT_EQ(ledger.read().size(), 1u);
        EXPECT_EQ(ledger.last()->event, Event::intent);
        EXPECT_EQ(ledger.broken_link(), std::nullopt);
        ledger.recover();
        EXPECT_EQ(text(), whole) << size;
    }
    ledger.append(outcome(Event::committed, 1));
    EXPECT_EQ(text(), both);
    core::write_file(file, "{\"event\"");  // the very first line
    ledger.recover();
    EXPECT_EQ(text(), "");
    EXPECT_EQ(ledger.last(), std::nullopt);
}

TEST_F(Ledger, AChangeOfAnyLineIsSeenInTheNextAndAMissingOneInItsPlace) {
    for (std::uint64_t number = 1; number <= 4; ++number) ledger.append(intent(number));
    const std::string whole = text();
    std::size_t line = 0, begin = 0;
    for (std::size_t end = whole.find('\n'); end != std::string::npos;
         end = whole.find('\n', begin)) {
        ++line;
        std::string changed = whole;
        changed[whole.find("ada", begin)] = 'o';
        core::write_file(file, changed);
        EXPECT_EQ(ledger.broken_link(), line == 4 ? std::nullopt : std::optional(line + 1));
        core::write_file(file, whole.substr(0, begin) + whole.substr(end + 1));
        EXPECT_EQ(ledger.broken_link(), line == 4 ? std::nullopt : std::optional(line));
        core::write_file(file, whole.substr(0, begin) + "nonsense" + whole.substr(end));
        EXPECT_EQ(ledger.broken_link(), line);
        begin = end + 1;
    }
}

TEST_F(Ledger, WhatIsNoEntryIsAnErrorAndNoMore) {
    for (
        const char* bad :
        {"", "x", "[]", "{}", "{\"event\":\"intent\"}", "null",
         R"({"event":"eaten","time":"2026-11-22T14:48:57Z","number":1})",
         R"({"event":"intent","time":"2026-11-22T14:48:57Z","number":1})",
         R"({"event":"committed","time":"now","number":1})",
         R"({"event":"committed","time":"2026-11-22T14:48:57Z","number":"one"})",
         R"({"event":"intent","time":"2026-11-22T14:48:57Z","number":1,"operation":7})",
         R"({"event":"intent","time":"2026-11-22T14:48:57Z","number":1,"operation":{"verb":"x"}})"}) {
        core::write_file(file, std::string(bad) + "\n");
        EXPECT_THROW(ledger.read(), core::Error) << bad;
        EXPECT_EQ(ledger.broken_link(), 1u) << bad;
    }
}

TEST_F(Ledger, AnOutcomeWithoutItsIntentIsAnError) {
    ledger.append(outcome(Event::committed, 7));
    EXPECT_THROW(core::committed(ledger.read()), core::Error);
}

TEST_F(Ledger, AnAppendThatFailsLeavesNoPartOfALine) {
    ledger.append(intent(1));
    const std::string before = text();
    const pid_t child = ::fork();  // the limit is for a whole process
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{before.size() + 20, before.size() + 20};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            ledger.append(intent(2));
        } catch (const core::Error&) {
            ::_exit(7);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_EQ(text(), before);
    ledger.append(intent(2));
    EXPECT_EQ(ledger.read().size(), 2u);
    EXPECT_EQ(ledger.broken_link(), std::nullopt);
}

TEST_F(Ledger, OfADiskThatDoesNotAnswerNothingIsTakenForGranted) {
    ledger.append(intent(1));
    const std::string whole = text();
    for (const auto& ask :
         std::vector<std::function<void()>>{[&] { ledger.last(); }, [&] { ledger.recover(); },
                                            [&] { ledger.append(intent(2)); }}) {
        const Fault fault("pread", "ledger.jsonl", EIO);
        EXPECT_THROW(ask(), core::Error);
    }
    EXPECT_EQ(text(), whole);
    core::write_file(file, whole + "torn");
    for (const char* call : {"ftruncate", "fsync"}) {
        const Fault fault(call, "ledger.jsonl", EIO);
        core::write_file(file, whole + "torn");
        EXPECT_THROW(ledger.recover(), core::Error);
    }
    ledger.recover();
    EXPECT_EQ(text(), whole);
}

TEST_F(Ledger, WhatCannotBeTakenBackIsCutByRecovery) {
    ledger.append(intent(1));
    const std::string whole = text();
    {
        const Fault write("fsync", "ledger.jsonl", EIO);
        const Fault cut("ftruncate", "ledger.jsonl", EIO);
        EXPECT_THROW(ledger.append(intent(2)), core::Error);
    }
    ledger.recover();
    EXPECT_TRUE(text().starts_with(whole));
    EXPECT_EQ(ledger.broken_link(), std::nullopt);
}

TEST_F(Ledger, AnUnwritableOneIsAnError) {
    EXPECT_THROW(core::Ledger(directory / "missing/ledger").append(intent(1)), core::Error);
    EXPECT_THROW(core::Ledger(directory.path()).append(intent(1)), core::Error);
    EXPECT_THROW(core::Ledger(directory.path()).recover(), core::Error);
    ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0644), 0);
    EXPECT_THROW(core::Ledger(directory / "pipe").append(intent(1)), core::Error);
    EXPECT_THROW(core::Ledger(directory / "pipe").recover(), core::Error);
}

TEST_F(Ledger, TheStandingIsWhatCommittedMovesLeadTo) {
    ledger.append(intent(1, {{"a", "", "unverified"}}));
    ledger.append(outcome(Event::committed, 1));
    ledger.append(intent(2, {{"b", "", "unverified"}}));
    ledger.append(outcome(Event::abandoned, 2));
    ledger.append(intent(3, {{"a", "unverified", "production"}}));
    ledger.append(outcome(Event::committed, 3));
    ledger.append(intent(4, {{"a", "production", ""}}));
    const auto operations = core::committed(ledger.read());
    EXPECT_EQ(core::standing_after(operations, 0), core::Standing());
    EXPECT_EQ(core::standing_after(operations, 2), (core::Standing{{"a", "unverified"}}));
    EXPECT_EQ(core::standing_after(operations, 9), (core::Standing{{"a", "production"}}));
}

TEST(Departure, IsTheLastOneAndSaysWhoTookThePlace) {
    const core::Time time = core::parse_time("2026-11-22T14:48:57Z");
    const auto operation = [&](std::uint64_t number, core::Verb verb,
                               std::vector<core::Move> moves) {
        core::Operation made;
        made.number = number;
        made.verb = verb;
        made.moves = std::move(moves);
        return core::CommittedOperation{made, time};
    };
    std::vector<core::CommittedOperation> operations{
        operation(1, core::Verb::admit, {{"a", "", "unverified"}}),
        operation(2, core::Verb::promote, {{"a", "unverified", "production"}})};
    EXPECT_EQ(core::departure_of({}, "a"), "");
    EXPECT_EQ(core::departure_of(operations, "a"), "");
    EXPECT_EQ(core::departure_of(operations, "b"), "");
    operations.push_back(operation(3, core::Verb::reject, {{"a", "production", ""}}));
    EXPECT_EQ(core::departure_of(operations, "a"),
              " since operation 3 (reject) at 2026-11-22T14:48:57Z");
    operations.push_back(
        operation(4, core::Verb::admit, {{"a", "unverified", ""}, {"b", "", "unverified"}}));
    EXPECT_EQ(core::departure_of(operations, "a"),
              ": b took its place in operation 4 (admit) at 2026-11-22T14:48:57Z");
    EXPECT_EQ(core::departure_of(operations, "b"), "");
}

}  // namespace
}  // namespace core_test
