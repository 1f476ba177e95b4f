// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that answers with an error once, where the answer would be "there is none".
#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/faults.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Disk : public testing::Test, public World {
  protected:
    Disk() : World(plain_configuration("valid_days = 10000\n")) {}
    void SetUp() override {
        admitted("a", "1", {"a 1 x86_64"});
        promote("a-1", "stage-rollout");
        promote("a-1", "production");
        admitted("b", "1", {"b 1 x86_64"});
    }

    /// How often an operation looks where `current` leads before it is swapped.
    int looks_before_the_swap() {
        const Fault counted("readlink", "/public/current", 0, 0);
        operations().deprecate("a-1", asked);
        return counted.met();
    }

    /// Each time that `run` makes the call on the path, once in vain.
    void fail_each(const std::string& call, const std::string& end,
                   const std::function<void()>& run) {
        const auto state = depot->state();
        const auto records = depot->records.ids();
        const std::string ledger = core::read_file(depot->layout.ledger());
        for (int skip = 0;; ++skip) {
            SCOPED_TRACE(call + " of " + end + ", time " + std::to_string(skip + 1));
            std::string failure;
            int met = 0;
            {
                const Fault fault(call, end, EIO, 1, skip);
                try {
                    reopen();
                    run();
                } catch (const core::Error& error) {
                    failure = error.what();
                } catch (const core::Refused&) {
                }
                met = fault.met();
            }
            if (met <= skip) {
                ASSERT_GT(skip, 0) << "never called";
                return;
            }
            ASSERT_NE(failure, "");
            reopen();
            if (failure.find("is done") != std::string::npos) return;  // after the swap
            ASSERT_EQ(depot->state(), state);
            ASSERT_EQ(depot->records.ids(), records);
            ASSERT_THAT(core::read_file(depot->layout.ledger()), testing::StartsWith(ledger));
            ASSERT_EQ(findings(), "");
        }
    }
};

TEST_F(Disk, ThatDoesNotShowWhereCurrentLeadsIsNoEmptyDepot) {
    fail_each("readlink", "public/current", [this] { admit("c", "1", {"c 1 x86_64"}); });
}

TEST_F(Disk, ThatDoesNotShowTheLedgerBeginsNoSecondChain) {
    fail_each("stat", "/ledger.jsonl", [this] { admit("c", "1", {"c 1 x86_64"}); });
}

TEST_F(Disk, ThatDoesNotShowTheConfigurationIsNoReasonToMakeAnother) {
    fail_each("stat", "/sluice.toml", [this] { admit("c", "1", {"c 1 x86_64"}); });
}

TEST_F(Disk, ThatCannotMakeALinkPublishesNoGenerationWithoutIt) {
    fail_each("symlink", "generation/production", [this] { promote("b-1", "stage-rollout"); });
}

TEST_F(Disk, ThatDoesNotShowADirectoryMakesGarbageOfNothing) {
    clock.time += std::chrono::hours(1000);
    for (const char* place : {"/pool", "/releases", "/public/generations"}) {
        fail_each("readdir", place, [this] { gc(); });
    }
    fail_each("opendir", "unverified/umd5/releases", [this] { gc(); });
}

TEST_F(Disk, ThatDoesNotShowAPackageDoesNotFreeItsName) {
    const std::string name = "/names/plain/a-1.x86_64";
    fail_each("stat", name, [this] { admit("c", "1", {"a 1 x86_64 other bytes"}); });
    fail_each("lstat", name, [this] { admit("c", "1", {"a 1 x86_64 other bytes"}); });
}

TEST_F(Disk, ThatDoesNotConfirmTheSwapHasDoneItAllTheSame) {
    const struct {
        const char* call;
        const char* path;
        int skip;
        const char* said;
    } cases[] = {{"fsync", "/public", 0, "the disk has not confirmed it"},
                 {"fsync", "/ledger.jsonl", 1, "the ledger does not say so"}};
    for (const auto& [call, path, skip, said] : cases) {
        SCOPED_TRACE(std::string(call) + " of " + path);
        const auto number = depot->ledger.last()->number + 1;
        const std::string stage =
            standing().at("b-1") == "unverified" ? "stage-rollout" : "production";
        const Fault fault(call, path, EIO, 1, skip);
        try {
            promote("b-1", stage);
            FAIL();
        } catch (const core::Unconfirmed& error) {
            EXPECT_EQ(error.operation(), number);
            EXPECT_THAT(error.what(),
                        HasSubstr("operation " + std::to_string(number) + " is done"));
            EXPECT_THAT(error.what(), HasSubstr(said));
        }
        EXPECT_EQ(standing().at("b-1"), stage);
        EXPECT_EQ(depot->ledger.last()->event, core::LedgerEntry::Event::intent);
        operations().settle();
        EXPECT_EQ(depot->ledger.last()->event, core::LedgerEntry::Event::committed);
        EXPECT_EQ(depot->ledger.last()->number, number);
        EXPECT_EQ(findings(), "");
    }
}

TEST_F(Disk, ThatHidesADeadMirrorListHasDoneTheRestAllTheSame) {
    const std::string without = core::read_file(depot->layout.configuration());
    core::write_file(depot->layout.configuration(), "public_url = \"https://a.org\"\n" + without);
    reopen();
    operations().refresh(asked);
    core::write_file(depot->layout.configuration(), without);
    reopen();
    const auto number = depot->state().generation + 1;
    {
        const Fault fault("lstat", "public/production/umd5/el9/x86_64/mirrorlist", EIO);
        try {
            operations().refresh(asked);
            FAIL();
        } catch (const core::Unconfirmed& error) {
            EXPECT_EQ(error.operation(), number);
            EXPECT_THAT(error.what(), HasSubstr("is done and published"));
            EXPECT_THAT(error.what(), HasSubstr("`sluice gc`"));
        }
    }
    EXPECT_EQ(depot->state().generation, number);
    EXPECT_THAT(findings(), HasSubstr("/mirrorlist: leads nowhere"));
    gc();
    EXPECT_EQ(findings(), "");
}

TEST_F(Disk, ThatMayNotBeWrittenIsReadAsItIs) {
    const auto state = depot->state();
    for (const int reason : {EACCES, EPERM, EROFS}) {
        const Fault fault("access", depot->layout.root.native(), reason, 100);
        reopen();
        EXPECT_EQ(fault.met(), 1);
        EXPECT_EQ(depot->state(), state);
    }
    const Fault fault("access", depot->layout.root.native(), EIO, 100);
    EXPECT_THROW(reopen(), core::Error);
}

TEST_F(Disk, ThatHidesWhetherTheSwapWasMadeIsAskedAgainBeforeAnythingElse) {
    const int looks = looks_before_the_swap();
    const auto number = depot->state().generation;
    {
        const Fault swap("rename", "/public/current", EIO);
        const Fault look("readlink", "/public/current", EIO, 1, looks);
        try {
            promote("b-1", "stage-rollout");
            FAIL();
        } catch (const core::Unconfirmed& error) {
            EXPECT_EQ(error.operation(), number + 1);
            EXPECT_THAT(error.what(), HasSubstr("may be done or not"));
        }
    }
    operations().settle();
    EXPECT_EQ(depot->ledger.last()->event, core::LedgerEntry::Event::abandoned);
    EXPECT_EQ(depot->state().generation, number);
    EXPECT_EQ(findings(), "");
}

TEST_F(Disk, ThatLosesAWriteEndsTheOperationThatMadeIt) {
    const auto promote_b = [&] { promote("b-1", "stage-rollout"); };
    for (const char* end : {"/index", "-list", "/root.sig", "/state.json", "/umd5"}) {
        fail_each("fsync", end, promote_b);
        operations().rollback(std::nullopt, std::nullopt, asked);
    }
    int number = 0;
    for (const char* end : {"/releases", "/pool", "/names", ".json", "/generations"}) {
        const std::string name = "c" + std::to_string(number++);
        fail_each("fsync", end, [&] { admitted(name, "1", {name + " 1 x86_64"}); });
    }
}

TEST_F(Disk, WithADamagedDirectoryCarriesItNowhere) {
    const fs::path production = depot->layout.generation(depot->state().generation) / "production";
    const fs::path target = core::pointed(production);
    for (const char* damage : {"nowhere", "../000001"}) {
        fs::remove(production);
        fs::create_symlink(damage, production);
        const auto state = depot->state();
        try {
            promote("b-1", "stage-rollout");
            FAIL();
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("/production/umd5/state.json is damaged"));
            EXPECT_THAT(error.what(), HasSubstr("sluice refresh"));
        }
        EXPECT_EQ(depot->state(), state);
    }
    operations().refresh(asked);
    promote("b-1", "stage-rollout");
    EXPECT_EQ(findings(), "");
}

TEST_F(Disk, LinksBesideTheStableUrlsAreLookedAtBeforeTheyAreShown) {
    const fs::path metadata = published("stage-rollout/umd5/el9/x86_64/index");
    const std::string target = "../../../../../current/stage-rollout/umd5/el9/x86_64/index/root";
    fs::remove(metadata / "root");
    fs::create_symlink("nowhere", metadata / "root");
    promote("b-1", "stage-rollout");
    EXPECT_EQ(core::pointed(metadata / "root"), target);
    fs::remove(metadata / "root");
    core::make_directories(metadata / "root");
    core::write_file(metadata / "root/stray", "not ours");
    EXPECT_THROW(operations().reject("b-1", asked), core::Error);
    EXPECT_EQ(standing().at("b-1"), "stage-rollout");
}

}  // namespace
}  // namespace core_test
