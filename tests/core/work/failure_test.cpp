// SPDX-License-Identifier: GPL-3.0-or-later
// Every call that core makes of a signer, verifier or format fails once, and once the process dies
// in it: nothing has happened, or all of it has, and the next command works.
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"
#include "tests/points.hpp"

namespace core_test {
namespace {

using core::LedgerEntry;
using testing::HasSubstr;

class Failure : public testing::Test, public World {
  protected:
    Failure() : World(one_tree) {}

    struct Step {
        std::string name;
        std::function<void()> run;
    };

    /// Operations of every kind, on a depot with two releases.
    std::vector<Step> steps() {
        return {
            {"admit",
             [this] {
                 admit("new", "1", {"new 1 x86_64", "new-doc 1 *"});
             }},
            {"resubmit",
             [this] {
                 admit("a", "1", {"a 1 x86_64", "a-more 1 x86_64"});
             }},
            {"promote", [this] { promote("b-1", "production"); }},
            {"reject", [this] { operations().reject("a-1", asked); }},
            {"rollback", [this] { operations().rollback(2, std::nullopt, asked); }},
            {"refresh", [this] { operations().refresh(asked); }},
        };
    }

    void SetUp() override {
        admitted("a", "1", {"a 1 x86_64"});
        admitted("b", "1", {"b 1 x86_64"});
        promote("b-1", "stage-rollout");
        linked_copy(depot->layout.root, saved_);
        copy_ledger(depot->layout.root, saved_);
        restore();
    }

    /// The depot as it was after SetUp: all files are never changed, but for the ledger.
    void restore() {
        scratch.reset();
        depot.reset();
        const auto root = directory / "depot";
        core::remove_tree(root);
        linked_copy(saved_, root);
        copy_ledger(saved_, root);
        reopen();
        scratch.emplace(depot->layout.work());
    }
    static void copy_ledger(const std::filesystem::path& from, const std::filesystem::path& to) {
        core::remove_tree(to / "ledger.jsonl");
        core::write_file(to / "ledger.jsonl", core::read_file(from / "ledger.jsonl"));
    }

    /// How many calls the step makes.
    int calls_of(const Step& step) {
        calls.chosen = 0;
        calls.made = 0;
        step.run();
        return calls.made;
    }

    LedgerEntry::Event last_event() { return depot->ledger.last()->event; }

    const std::filesystem::path saved_ = directory / "saved";
};

/// What sites and later commands can see. Packages that a promotion has put beside the stable URLs
/// and no index names are seen by nobody, and are collected.
std::map<std::string, std::string> visible(const World& world, bool with_packages) {
    auto all = world.everything();
    std::erase_if(all, [&](const auto& entry) {
        return !with_packages && entry.first.starts_with("public/") &&
               entry.first.find("/files/") != std::string::npos;
    });
    return all;
}

TEST_F(Failure, OfAnyCallLeavesEverythingAsItWas) {
    for (const Step& step : steps()) {
        restore();
        const auto state = depot->state();
        const auto before = visible(*this, step.name == "admit");
        const int count = calls_of(step);
        ASSERT_GT(count, 5);
        for (int i = 1; i <= count; i += tests::next_point) {
            SCOPED_TRACE(step.name + ", call " + std::to_string(i) + " of " +
                         std::to_string(count));
            restore();
            calls.made = 0;
            calls.chosen = i;
            calls.action = [] { throw core::Error("injected"); };
            EXPECT_THROW(step.run(), core::Error);
            calls.chosen = 0;
            EXPECT_EQ(depot->state(), state);
            EXPECT_EQ(visible(*this, step.name == "admit"), before);
            EXPECT_NE(last_event(), LedgerEntry::Event::intent);
            EXPECT_EQ(findings(), "");
            step.run();  // as if nothing had been
            EXPECT_EQ(last_event(), LedgerEntry::Event::committed);
            EXPECT_EQ(findings(), "");
        }
    }
}

TEST_F(Failure, ByDeathInAnyCallIsUndoneByWhoeverComesNext) {
    for (const Step& step : steps()) {
        restore();
        const auto state = depot->state();
        const auto before = visible(*this, step.name == "admit");
        const int count = calls_of(step);
        for (int i = 1; i <= count; i += tests::next_point) {
            SCOPED_TRACE(step.name + ", call " + std::to_string(i));
            restore();
            const pid_t child = ::fork();
            if (child == 0) {
                calls.made = 0;
                calls.chosen = i;
                calls.action = [] { ::raise(SIGKILL); };
                try {
                    step.run();
                } catch (...) {
                }
                ::_exit(0);
            }
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            ASSERT_EQ(WTERMSIG(status), SIGKILL);
            reopen();
            EXPECT_EQ(depot->state(), state);
            EXPECT_EQ(visible(*this, step.name == "admit"), before);
            EXPECT_NE(last_event(), LedgerEntry::Event::intent);
            EXPECT_EQ(findings(), "");
            step.run();
            EXPECT_EQ(findings(), "");
        }
    }
}

TEST_F(Failure, OfTheSignatureItselfIsSeenBeforeAnyoneElseSeesIt) {
    const auto before = visible(*this, false);
    signer.sound = false;
    try {
        promote("b-1", "production");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("a client would not accept production/umd5/el9"));
    }
    EXPECT_EQ(visible(*this, false), before);
    EXPECT_EQ(last_event(), LedgerEntry::Event::abandoned);
}

TEST_F(Failure, OfAnAdmissionFreesThePackageNamesForOtherBytes) {
    signer.sound = false;
    EXPECT_THROW(admit("new", "1", {"new 1 x86_64"}), core::Error);
    signer.sound = true;
    EXPECT_EQ(admitted("new", "1", {"new 1 x86_64 rebuilt"}), "new-1");
    EXPECT_EQ(findings(), "");
}

TEST_F(Failure, LeavesTheNextNumberUnused) {
    const auto number = depot->state().generation;
    signer.sound = false;
    EXPECT_THROW(promote("b-1", "production"), core::Error);
    signer.sound = true;
    EXPECT_EQ(promote("b-1", "production").state.generation, number + 2);
}

}  // namespace
}  // namespace core_test
