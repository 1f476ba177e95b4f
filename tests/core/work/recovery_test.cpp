// SPDX-License-Identifier: GPL-3.0-or-later
// What opening a depot mends, and what it leaves alone.
#include "core/store/recovery.hpp"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/faults.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::LedgerEntry;
using testing::HasSubstr;

class Recovery : public testing::Test, public World {
  protected:
    void intend(core::Verb verb, std::vector<core::Move> moves = {}) {
        core::Operation operation;
        operation.number = depot->state().generation + 1;
        operation.verb = verb;
        operation.moves = std::move(moves);
        depot->ledger.append(
            {LedgerEntry::Event::intent, clock.now(), operation.number, operation});
    }
    void append_to_ledger(const std::string& text) {
        core::write_file(depot->layout.ledger(), core::read_file(depot->layout.ledger()) + text);
    }
    std::string ledger() { return core::read_file(depot->layout.ledger()); }
};

TEST_F(Recovery, AnIntentWithoutAnOutcomeIsAbandoned) {
    intend(core::Verb::refresh);
    reopen();
    EXPECT_EQ(depot->ledger.last()->event, LedgerEntry::Event::abandoned);
    EXPECT_EQ(depot->ledger.last()->number, 2u);
    EXPECT_EQ(findings(), "");
}

TEST_F(Recovery, AnIntentThatCurrentBearsIsCommitted) {
    admitted("a", "1", {"a 1 x86_64"});
    std::string text = ledger();
    text.resize(text.rfind('\n', text.size() - 2) + 1);  // the outcome was not written
    core::write_file(depot->layout.ledger(), text);
    reopen();
    EXPECT_EQ(depot->ledger.last()->event, LedgerEntry::Event::committed);
    EXPECT_EQ(depot->ledger.last()->number, 2u);
    EXPECT_EQ(findings(), "");
}

TEST_F(Recovery, IsOfThoseWhoMayWrite) {
    intend(core::Verb::refresh);
    {
        const Fault fault("access", "/depot", EACCES);
        reopen();
        EXPECT_EQ(depot->ledger.last()->event, LedgerEntry::Event::intent);
    }
    {
        const Fault fault("access", "/depot", EIO);
        EXPECT_THROW(reopen(), core::Error);
    }
    reopen();
    EXPECT_EQ(depot->ledger.last()->event, LedgerEntry::Event::abandoned);
}

TEST_F(Recovery, AGenerationThatWasNotSwappedInIsRemoved) {
    intend(core::Verb::refresh);
    linked_copy(depot->layout.generation(1), depot->layout.generation(2));
    reopen();
    EXPECT_FALSE(fs::exists(depot->layout.generation(2)));
    EXPECT_EQ(findings(), "");
}

TEST_F(Recovery, ATornLineOfTheLedgerIsCut) {
    const std::string whole = ledger();
    append_to_ledger("{\"event\":\"int");
    reopen();
    EXPECT_EQ(ledger(), whole);
}

TEST_F(Recovery, ScratchOfTheDeadIsRemovedAndOfTheLivingIsKept) {
    fs::create_directories(depot->layout.work() / "123-456/below");
    core::write_file(depot->layout.work() / "file", "x");
    reopen();
    EXPECT_FALSE(fs::exists(depot->layout.work() / "123-456"));
    EXPECT_FALSE(fs::exists(depot->layout.work() / "file"));
    EXPECT_TRUE(fs::exists(scratch->directory()));
}

TEST_F(Recovery, TemporaryFilesAreRemoved) {
    fs::create_symlink("nowhere", depot->layout.public_tree() / ".current.1.0.new");
    core::write_file(depot->layout.releases() / ".a-1.json.1.0.new", "{");
    reopen();
    EXPECT_FALSE(fs::is_symlink(depot->layout.public_tree() / ".current.1.0.new"));
    EXPECT_FALSE(fs::exists(depot->layout.releases() / ".a-1.json.1.0.new"));
}

TEST_F(Recovery, ARecordTornByAPowerFailureGoesWithItsAdmission) {
    intend(core::Verb::admit, {{"a-1", "", "unverified"}});
    core::write_file(depot->layout.releases() / "a-1.json", "");
    fs::create_directories(depot->layout.pool() / "ab");
    core::write_file(depot->layout.pool() / "ab/abcd.plain", "");
    reopen();
    EXPECT_FALSE(depot->records.has("a-1"));
    EXPECT_EQ(findings(), "");
    EXPECT_EQ(admitted("a", "1", {"a 1 x86_64"}), "a-1");
}

TEST_F(Recovery, WithoutCurrentNothingIsTouched) {
    admitted("a", "1", {"a 1 x86_64"});
    fs::remove(depot->layout.current());
    const auto before = everything();
    try {
        reopen();
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("current points to generation 0, but the last one "
                                            "that the ledger has is 2"));
    }
    fs::create_symlink("generations/000002", directory / "depot/public/current");
    reopen();
    EXPECT_EQ(findings(), "");
}

TEST_F(Recovery, ACurrentThatAPersonMovedIsNotFollowed) {
    admitted("a", "1", {"a 1 x86_64"});
    core::point(depot->layout.current(), "generations/000001");
    EXPECT_THROW(reopen(), core::Error);
    EXPECT_TRUE(fs::exists(directory / "depot/public/generations/000002"));
    core::point(directory / "depot/public/current", "generations/no-number");
    EXPECT_THROW(reopen(), core::Error);
    core::point(directory / "depot/public/current", "generations/000002");
    reopen();
    EXPECT_EQ(findings(), "");
}

TEST_F(Recovery, AnotherWriterIsNotDisturbed) {
    intend(core::Verb::refresh);
    const core::Lock other = core::Lock::wait(depot->layout.lock());
    reopen();
    EXPECT_EQ(depot->ledger.last()->event, LedgerEntry::Event::intent);
}

TEST_F(Recovery, ADirectoryWithoutConfigurationIsNoDepot) {
    EXPECT_THROW(core::open_depot(directory.path(), clock), core::Error);
    core::write_file(depot->layout.configuration(), "lines = 1");
    EXPECT_THROW(core::open_depot(depot->layout.root, clock), core::Error);
}

TEST_F(Recovery, AMissingRecordNeverMakesGarbageOfItsPackages) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    fs::remove(depot->layout.releases() / (id + ".json"));
    const auto before = everything();
    EXPECT_THROW(gc(), core::Error);
    EXPECT_EQ(everything(), before);
    EXPECT_THAT(findings(), HasSubstr("releases/a-1.json: is missing"));
}

TEST_F(Recovery, MissingRecordsAreAnErrorAndNotAnEmptyDepot) {
    admitted("a", "1", {"a 1 x86_64"});
    core::remove_tree(depot->layout.releases());
    EXPECT_THROW(depot->records.ids(), core::Error);
    EXPECT_THROW(core::sweep_pool(*depot), core::Error);
}

}  // namespace
}  // namespace core_test
