// SPDX-License-Identifier: GPL-3.0-or-later
// The whole life of releases, through core::Operations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/entries.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Standing;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Life : public testing::Test, public World {};

TEST_F(Life, BeginsWithEveryRepositoryEmptyAndSigned) {
    EXPECT_EQ(depot->state().generation, 1u);
    EXPECT_EQ(depot->state().repositories.size(), 4u * 2 * 3);  // stages, lines, trees
    EXPECT_THAT(seen("production"), IsEmpty());
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(operations().init(asked), core::reason::nothing_to_do);
}

TEST_F(Life, GoesFromUnverifiedToTheArchive) {
    const std::string id = admitted("argus", "1.7.3", {"argus 1.7.3 x86_64", "argus-doc 1.7.3 *"});
    EXPECT_EQ(id, "argus-1.7.3");
    EXPECT_EQ(standing(), (Standing{{id, "unverified"}}));
    EXPECT_THAT(seen("unverified"), ElementsAre("argus-1.7.3.x86_64", "argus-doc-1.7.3.all"));
    EXPECT_THAT(seen("unverified", "umd5/el9/aarch64"), ElementsAre("argus-doc-1.7.3.all"));
    EXPECT_THAT(seen("unverified", "umd5/releases/argus-1.7.3/el9/x86_64"),
                ElementsAre("argus-1.7.3.x86_64", "argus-doc-1.7.3.all"));
    EXPECT_EQ(findings(), "");

    promote(id, "stage-rollout");
    EXPECT_THAT(seen("unverified"), IsEmpty());
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("argus-1.7.3.x86_64", "argus-doc-1.7.3.all"));
    promote(id, "production");
    EXPECT_THAT(seen("stage-rollout"), IsEmpty());
    EXPECT_THAT(seen("production"), ElementsAre("argus-1.7.3.x86_64", "argus-doc-1.7.3.all"));
    EXPECT_EQ(findings(), "");

    operations().deprecate(id, asked);
    EXPECT_THAT(seen("production"), IsEmpty());
    EXPECT_THAT(seen("deprecated"), ElementsAre("argus-1.7.3.x86_64", "argus-doc-1.7.3.all"));
    EXPECT_EQ(standing(), (Standing{{id, "deprecated"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, KeepsWhoAskedForWhatAndWhy) {
    const std::string id = admitted("argus", "1", {"argus 1 x86_64"});
    asked = {.by = "ada", .reason = "it works", .cause = "rt:7/8"};
    promote(id, "stage-rollout");
    const auto operations = core::committed(depot->ledger.read());
    ASSERT_EQ(operations.size(), 3u);
    EXPECT_EQ(operations[0].operation.verb, core::Verb::init);
    EXPECT_EQ(operations[1].operation.verb, core::Verb::admit);
    core::Operation promoted{3,     core::Verb::promote, {{id, "unverified", "stage-rollout"}},
                             "ada", "it works",          "rt:7/8"};
    promoted.arrivals.emplace();
    EXPECT_EQ(operations[2].operation, promoted);
}

TEST_F(Life, ManyReleasesMoveInOneGeneration) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"debian12/ b 1 amd64"});
    const auto before = depot->state().generation;
    operations().promote({.releases = {a, b, a}, .to = "stage-rollout"}, asked);
    EXPECT_EQ(depot->state().generation, before + 1);
    EXPECT_EQ(standing(), (Standing{{a, "stage-rollout"}, {b, "stage-rollout"}}));
}

TEST_F(Life, OneRefusedReleaseKeepsTheOthersWhereTheyAre) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const auto before = everything();
    EXPECT_REFUSED(operations().promote({.releases = {a, "b-1"}, .to = "stage-rollout"}, asked),
                   core::reason::unknown_release);
    EXPECT_REFUSED(promote(a, "nowhere"), core::reason::unknown_stage);
    EXPECT_EQ(everything(), before);
}

TEST_F(Life, AMissingRecordIsForTheOperatorAndNoRefreshGoesOnWithoutIt) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    const std::string rejected = admitted("b", "1", {"b 1 x86_64"});
    operations().reject(rejected, asked);
    const auto expect_named = [&](const std::string& id, const std::function<void()>& step) {
        try {
            step();
            ADD_FAILURE() << "goes on without the record of " << id;
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("releases/" + id + ".json is missing"));
            EXPECT_THAT(error.what(), HasSubstr("from a backup"));
        } catch (const core::Refused& refused) {
            ADD_FAILURE() << "is told to who asked: " << refused.what();
        }
    };
    for (const std::string& id : {a, rejected}) {
        core::remove_tree(depot->layout.releases() / (id + ".json"));
    }
    const auto before = everything();
    expect_named(rejected, [&] { promote(rejected, "stage-rollout"); });
    expect_named(a, [&] { promote(a, "production"); });
    expect_named(a, [&] { operations().deprecate(a, asked); });
    expect_named(a, [&] { operations().rollback(2, std::nullopt, asked); });
    expect_named(a, [&] { admit("a", "1", {"a 1 x86_64"}); });
    expect_named(a, [&] { operations().refresh(asked); });
    EXPECT_REFUSED(promote("c-1", "stage-rollout"), core::reason::unknown_release);
    EXPECT_EQ(everything(), before);
    core::remove_tree(depot->layout.fragments());
    reopen();
    expect_named(a, [&] { operations().refresh(asked); });
    EXPECT_EQ(everything(), before);
}

TEST_F(Life, APackageOfTwoReleasesLeavesWithTheLast) {
    const std::string shared = "bouncycastle 1.5 *";
    const std::string a = admitted("argus", "1", {"argus 1 x86_64", shared});
    const std::string b = admitted("cream", "1", {"cream 1 x86_64", shared});
    for (const std::string& id : {a, b}) {
        promote(id, "stage-rollout");
        promote(id, "production");
    }
    EXPECT_THAT(seen("production"),
                ElementsAre("argus-1.x86_64", "bouncycastle-1.5.all", "cream-1.x86_64"));
    operations().deprecate(a, asked);
    EXPECT_THAT(seen("production"), ElementsAre("bouncycastle-1.5.all", "cream-1.x86_64"));
    operations().deprecate(b, asked);
    EXPECT_THAT(seen("production"), IsEmpty());
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, OneFixIsReleasedIntoTwoLines) {
    const std::vector<std::string> packages{"fix 1 x86_64"};
    const std::string in5 = admitted("fix", "1", packages);
    const std::string in4 = admitted("fix", "1", packages, "umd4");
    EXPECT_EQ(in4, "fix-1@umd4");
    promote(in4, "stage-rollout");
    EXPECT_THAT(seen("stage-rollout", "umd4/el9/x86_64"), ElementsAre("fix-1.x86_64"));
    EXPECT_THAT(seen("stage-rollout"), IsEmpty());
    EXPECT_THAT(seen("unverified"), ElementsAre("fix-1.x86_64"));
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(admit("fix", "2", {"fix 2 x86_64"}, "umd6"), core::reason::unknown_line);
}

TEST_F(Life, OfAReleaseThatStandsNowhereItIsToldWhatBecameOfIt) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    const auto told = [&](const std::string& release) {
        std::vector<std::string> texts;
        const std::function<void()> moves[] = {
            [&] { promote(release, "stage-rollout"); },
            [&] { operations().reject(release, asked); },
            [&] { operations().deprecate(release, asked); },
        };
        for (const auto& move : moves) {
            try {
                move();
                ADD_FAILURE() << "not refused";
            } catch (const core::Refused& refused) {
                texts.emplace_back(refused.what());
            }
        }
        return texts;
    };
    admitted("argus", "1", {"argus 1 x86_64", "argus-fix 1 x86_64"});
    EXPECT_THAT(told(first),
                Each("release argus-1 stands in no stage: argus-1~2 took its place in operation 3 "
                     "(admit) at 2026-11-22T12:00:00Z"));
    operations().reject("argus-1~2", asked);
    EXPECT_THAT(told("argus-1~2"),
                Each(HasSubstr("stands in no stage since operation 4 (reject) at 2026-11-22T")));
}

TEST_F(Life, ADryRunChangesNothing) {
    const std::string id = admitted("argus", "1", {"argus 1 x86_64"});
    const auto before = everything();
    asked.dry_run = true;
    const auto planned = promote(id, "stage-rollout");
    EXPECT_FALSE(planned.done);
    EXPECT_EQ(planned.plan.standing, (Standing{{id, "stage-rollout"}}));
    EXPECT_FALSE(admit("b", "1", {"b 1 x86_64"}).outcome->done);
    EXPECT_EQ(everything(), before);
    asked.dry_run = false;
    EXPECT_EQ(promote(id, "stage-rollout").plan.hash(), planned.plan.hash());
}

TEST_F(Life, AnOlderVersionIsNotPromotedUnlessItIsMeant) {
    const std::string newer = admitted("argus", "2", {"argus 2 x86_64"});
    promote(newer, "stage-rollout");
    const std::string older = admitted("argus", "1", {"argus 1 x86_64"});
    EXPECT_REFUSED(promote(older, "stage-rollout"), core::reason::downgrade);
    operations().promote({.releases = {older}, .to = "stage-rollout", .allow_downgrade = true},
                         asked);
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("argus-2.x86_64", "argus-1.x86_64"));
}

TEST_F(Life, IndexesAreInTheOrderInWhichReleasesArrived) {
    const std::string z = admitted("z", "1", {"z 1 x86_64"});
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    EXPECT_THAT(seen("unverified"), ElementsAre("z-1.x86_64", "a-1.x86_64"));
    promote(a, "stage-rollout");
    promote(z, "stage-rollout");
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64", "z-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, AReasonThatReordersWhatOthersReadIsRefused) {
    const std::string id = admitted("argus", "1", {"argus 1 x86_64"});
    const auto before = everything();
    for (const char* bad : {"a\u202eb", "a\x1b[2Jb", "a\u009bb", "a\u2028b", "a\xff"}) {
        core::Asked bad_reason = asked;
        bad_reason.reason = bad;
        EXPECT_REFUSED(operations().reject(id, bad_reason), core::reason::control_characters);
        EXPECT_REFUSED(operations().refresh(bad_reason), core::reason::control_characters);
    }
    EXPECT_EQ(everything(), before);
    core::Asked good = asked;
    good.reason = "می\u200cخواهم\nשלום";
    operations().reject(id, good);
}

}  // namespace
}  // namespace core_test
