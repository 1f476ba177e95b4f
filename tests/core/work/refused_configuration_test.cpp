// SPDX-License-Identifier: GPL-3.0-or-later
// A change of the configuration that would strand something is refused by name, or carried out with
// losses where they are meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/entries.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/work/reconfigured_depot.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::Standing;
using std::chrono::hours;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

using RefusedConfiguration = ReconfiguredDepot;

TEST_F(RefusedConfiguration, IsToldBeforeWhatAnAdmissionIsRefusedFor) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    promote(id, "stage-rollout");
    promote(id, "production");
    configure(replaced(replaced(whole, "name = \"production\"", "name = \"released\""),
                       "from = [\"production\"]", "from = [\"released\"]"));
    EXPECT_THAT(error_of([&] {
                    admit("a", "1", {"a 1 x86_64", "b 1 x86_64"});
                }),
                AllOf(Not(testing::StartsWith("refused")), HasSubstr("stage production is gone")));
}

TEST_F(RefusedConfiguration, ThatWouldStrandSomethingIsRefusedByName) {
    const std::string both = admitted("both", "1", {"both 1 x86_64", "debian12/ deb 1 amd64"});
    const std::string arm = admitted("arm", "1", {"arm 1 aarch64", "arm-doc 1 *"});
    const std::string old = admitted("old", "1", {"old 1 x86_64"}, "umd4");
    const std::string other = admitted("other", "1", {"other 1 x86_64"});
    promote(both, "stage-rollout");
    promote(both, "production");
    const auto generation = depot->state().generation;
    struct Case {
        std::string text;
        std::string told;
    };
    for (const auto& [text, told] : {
             Case{without(whole, "umd4"),
                  "line umd4 is gone, but what stands needs it: old-1@umd4 in unverified (old 1 "
                  "x86_64): put the setting back"},
             Case{
                 without(whole, "debian12"),
                 "platform debian12 is gone, but what stands needs it: both-1 in production (deb 1 "
                 "amd64): put the setting back"},
             Case{replaced(whole, ", \"aarch64\"", ""),
                  "platform el9 has no place for aarch64 any more, but what stands needs it: arm-1 "
                  "in unverified (arm 1 aarch64): put the setting back"},
             Case{replaced(whole, "format = \"yum\"", "format = \"apt\""),
                  "platform el9 was of the format yum, is of apt: its packages have no place "
                  "there: put "
                  "the setting back, or give the platform another name"},
             Case{replaced(replaced(whole, "name = \"production\"", "name = \"released\""),
                           "from = [\"production\"]", "from = [\"released\"]"),
                  "stage production is gone, but what stands needs it: both-1 in production: put "
                  "the "
                  "setting back"},
             Case{replaced(whole, "signatures = \"allow-unsigned\"", ""),
                  "line umd5 requires signatures now, but no known key signed packages of what "
                  "stands: arm-1 in unverified (arm 1 aarch64, arm-doc 1 *), both-1 in production "
                  "(deb 1 amd64, both 1 x86_64), other-1 in "},
         }) {
        SCOPED_TRACE(told);
        formats["apt"] = {&backend, &inspector, "other", true, "*"};
        configure(text);
        EXPECT_THAT(error_of([&] { operations().refresh(asked); }),
                    AllOf(Not(testing::StartsWith("refused")), HasSubstr("sluice.toml: "),
                          HasSubstr(told), HasSubstr("put the setting back")));
        EXPECT_THAT(error_of([&] { promote(other, "stage-rollout"); }), HasSubstr(told));
        EXPECT_NE(error_of([&] { admit("b", "1", {"b 1 x86_64"}); }), "no error");
        EXPECT_THAT(findings(), HasSubstr(told));
        gc();
        configure(whole);
        EXPECT_EQ(findings(), "");
    }
    EXPECT_EQ(depot->state().generation, generation);
}

TEST_F(RefusedConfiguration, ThatIsRefusedNamesTheFirstFewReleasesAndPackages) {
    std::vector<std::string> packages;
    for (int i = 1; i < 9; ++i) packages.push_back("p" + std::to_string(i) + " 1 x86_64");
    for (int i = 1; i < 9; ++i) {
        admitted("r" + std::to_string(i), "1", packages, "umd4");
        packages = {"q" + std::to_string(i) + " 1 x86_64"};
    }
    configure(without(whole, "umd4"));
    EXPECT_THAT(error_of([&] { operations().refresh(asked); }),
                AllOf(HasSubstr("r1-1@umd4 in unverified (p1 1 x86_64, p2 1 x86_64, p3 1 x86_64 "
                                "and 5 more), r2-1@umd4 in unverified (q1 1 x86_64)"),
                      HasSubstr("(q4 1 x86_64) and 3 more: put"), Not(HasSubstr("r6-1"))));
}

TEST_F(RefusedConfiguration, ToRequiredSignaturesTellsWhatCanBeDone) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    configure(replaced(whole, "signatures = \"allow-unsigned\"", ""));
    EXPECT_THAT(
        error_of([&] { promote(id, "stage-rollout"); }),
        AllOf(HasSubstr("reject or deprecate these releases and have them handed in signed"),
              HasSubstr("stay where they are without being promoted any more, with `sluice "
                        "refresh --allow-loss`")));
    operations().refresh(asked, true);
    EXPECT_EQ(standing(), (Standing{{id, "unverified"}}));
    EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64"));
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::unsigned_package);
}

TEST_F(RefusedConfiguration, IsPossibleByTheOperationThatTakesAwayWhatStoodInItsWay) {
    const std::string id = admitted("old", "1", {"old 1 x86_64"}, "umd4");
    configure(without(whole, "umd4"));
    operations().reject(id, asked);
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(operations().rollback(2, std::nullopt, asked), core::reason::unknown_line);
    EXPECT_TRUE(fs::exists(published("unverified/umd4/el9/x86_64/files/old-1.x86_64")));
    clock.time += hours(169);
    gc();
    for (const char* stage : {"unverified", "production"}) {
        EXPECT_FALSE(fs::exists(published(std::string(stage) + "/umd4"))) << stage;
    }
    EXPECT_EQ(findings(), "");
    admitted("a", "1", {"a 1 x86_64"});
    configure(whole);  // and back again
    operations().rollback(2, std::nullopt, asked);
    EXPECT_THAT(seen("unverified", "umd4/el9/x86_64"), ElementsAre("old-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(RefusedConfiguration, OfAStageIsRefusedAlsoWhereLossesAreMeant) {
    promote(admitted("a", "1", {"a 1 x86_64"}), "stage-rollout");
    configure(replaced(without(whole, "stage-rollout"), "from = [\"stage-rollout\"]", "from = []"));
    EXPECT_THAT(error_of([&] { operations().refresh(asked, true); }),
                HasSubstr("stage stage-rollout is gone, but what stands needs it: a-1"));
    EXPECT_THAT(error_of([&] { operations().refresh(asked); }), Not(HasSubstr("--allow-loss")));
}

TEST_F(RefusedConfiguration, OffersALossOnlyWhereItWouldNotBeRefusedAllTheSame) {
    const std::string some = admitted("some", "1", {"some 1 x86_64", "some 1 aarch64"});
    const std::string all = admitted("all", "1", {"all 1 aarch64"});
    configure(replaced(whole, ", \"aarch64\"", ""));
    const auto refused = [&] { return error_of([&] { operations().refresh(asked); }); };
    EXPECT_THAT(refused(), AllOf(HasSubstr("all-1 in unverified (all 1 aarch64)"),
                                 Not(HasSubstr("some-1")), Not(HasSubstr("--allow-loss"))));
    EXPECT_THAT(told().refused, ElementsAre(AllOf(HasSubstr("all-1"), Not(HasSubstr("--allow")))));
    configure(whole);
    operations().reject(all, asked);
    configure(replaced(whole, ", \"aarch64\"", ""));
    EXPECT_THAT(refused(), AllOf(HasSubstr("some-1 in unverified (some 1 aarch64)"),
                                 HasSubstr("`sluice refresh --allow-loss`")));
    EXPECT_THAT(told().refused, ElementsAre(HasSubstr("`sluice refresh --allow-loss`")));
    operations().refresh(asked, true);
}

TEST_F(RefusedConfiguration, TellsWhatIsLostIfThatIsAllowedAndKeepsItInTheLedger) {
    const std::string id = admitted("some", "1", {"some 1 x86_64", "some 1 aarch64"});
    std::string text = replaced(whole, ", \"aarch64\"", "");
    text = replaced(text, "signatures = \"allow-unsigned\"", "");
    configure(text);
    const auto is_told = UnorderedElementsAre(
        AllOf(HasSubstr("platform el9 has no place for aarch64 any more"),
              HasSubstr("some-1 in unverified (some 1 aarch64)"), HasSubstr("--allow-loss"),
              Not(HasSubstr("put the setting"))),
        AllOf(HasSubstr("line umd5 requires signatures now"),
              HasSubstr("some-1 in unverified (some 1 aarch64, some 1 x86_64)"),
              HasSubstr("--allow-loss"), Not(HasSubstr("put the setting"))));
    asked.dry_run = true;
    const core::Plan plan = operations().refresh(asked, true).plan;
    std::vector<std::string> warnings;
    for (const core::Problem& warning : plan.warnings) {
        EXPECT_EQ(warning.code, core::reason::loss_allowed);
        EXPECT_EQ(warning.severity, core::Severity::warning);
        warnings.push_back(warning.message);
    }
    EXPECT_THAT(warnings, is_told);
    asked.dry_run = false;
    operations().refresh(asked, true);
    std::vector<std::string> kept =
        core::committed(depot->ledger.read()).back().operation.configuration_changes;
    ASSERT_GT(kept.size(), 2u);
    kept.resize(2);
    EXPECT_THAT(kept, is_told);
    EXPECT_THAT(operations().refresh(asked, true).plan.warnings, IsEmpty()) << "it is done";
}

TEST_F(RefusedConfiguration, WithLossesIsCarriedOutIfItIsMeant) {
    const std::string id = admitted("a", "1", {"a 1 x86_64", "a 1 aarch64", "doc 1 *"});
    const std::string all = admitted("b", "1", {"b 1 aarch64"});
    configure(replaced(whole, ", \"aarch64\"", ""));
    EXPECT_THAT(error_of([&] { operations().refresh(asked, true); }),
                AllOf(HasSubstr("b-1 in unverified"), Not(HasSubstr("a-1"))))
        << "it would have nothing left";
    configure(whole);
    operations().reject(all, asked);
    configure(replaced(whole, ", \"aarch64\"", ""));
    operations().refresh(asked, true);
    EXPECT_EQ(findings(), "");
    EXPECT_FALSE(depot->state().repositories.contains("unverified/umd5/el9/aarch64"));
    core::remove_tree(depot->layout.fragments());
    operations().refresh(asked);
    promote(id, "stage-rollout");
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64", "doc-1.all"));
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(standing(), (Standing{{id, "unverified"}}));
    EXPECT_REFUSED(operations().rollback(3, std::nullopt, asked),
                   core::reason::architecture_unknown);
    EXPECT_EQ(findings(), "");
}

}  // namespace
}  // namespace core_test
