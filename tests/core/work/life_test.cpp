// SPDX-License-Identifier: GPL-3.0-or-later
// The whole life of a depot, through core::Operations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/client_files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Standing;
using std::chrono::hours;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
    operations().promote({a, b, a}, "stage-rollout", false, asked);
    EXPECT_EQ(depot->state().generation, before + 1);
    EXPECT_EQ(standing(), (Standing{{a, "stage-rollout"}, {b, "stage-rollout"}}));
}

TEST_F(Life, OneRefusedReleaseKeepsTheOthersWhereTheyAre) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const auto before = everything();
    EXPECT_REFUSED(operations().promote({a, "b-1"}, "stage-rollout", false, asked),
                   core::reason::unknown_release);
    EXPECT_REFUSED(operations().promote({a}, "nowhere", false, asked), core::reason::unknown_stage);
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

TEST_F(Life, TheSameBundleAgainChangesNothing) {
    admitted("argus", "1", {"argus 1 x86_64"});
    const auto before = everything();
    EXPECT_FALSE(admit("argus", "1", {"argus 1 x86_64"}).outcome.has_value());
    EXPECT_EQ(everything(), before);
}

TEST_F(Life, ACheckSaysWhatTheAdmissionWould) {
    const auto check = [&](const std::string& version, const std::string& architecture) {
        const core::Bundle received =
            bundle("argus", version, {"argus " + version + " " + architecture});
        return operations().check(received, {}, scratch->directory(), asked);
    };
    const std::string id = admitted("argus", "2", {"argus 2 x86_64"});
    const auto before = everything();
    EXPECT_FALSE(check("2", "x86_64").outcome.has_value());
    EXPECT_EQ(check("2", "x86_64").release.id, id);
    EXPECT_FALSE(check("3", "x86_64").outcome->done);
    EXPECT_EQ(everything(), before);
    promote(id, "stage-rollout");
    EXPECT_REFUSED(check("2", "aarch64"), core::reason::already_released);
}

TEST_F(Life, TheSamePackagesWithAnythingCorrectedAreAnotherRelease) {
    const std::vector<std::string> packages{"argus 1 x86_64"};
    const auto hand_in = [&](const std::function<void(core::Bundle&)>& correct) {
        core::Bundle again = bundle("argus", "1", packages);
        correct(again);
        return operations().admit(again, "", false, scratch->directory(), asked);
    };
    const auto with_document = [&](const std::string& text) {
        return [this, text](core::Bundle& bundle) {
            core::ReceivedFile file;
            file.name = "comps.xml";
            file.file = scratch->directory() / "comps.xml";
            core::write_file(file.file, text);
            bundle.documents.push_back(file);
        };
    };
    hand_in([](core::Bundle&) {});
    EXPECT_EQ(hand_in(with_document("groups")).release.id, "argus-1~2");
    EXPECT_EQ(hand_in(with_document("other groups")).release.id, "argus-1~3");
    clock.time += hours(1);
    EXPECT_FALSE(hand_in(with_document("other groups")).outcome.has_value());
    EXPECT_EQ(hand_in([](core::Bundle& bundle) {
                  bundle.descriptor.release_notes = "from the ticket";
              }).release.id,
              "argus-1~4");
    EXPECT_EQ(standing(), (Standing{{"argus-1~4", "unverified"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, TheSameBundleForAnotherLineIsAnotherRelease) {
    admitted("argus", "1", {"argus 1 x86_64"});
    std::string text = plain_configuration();
    text.replace(text.find("umd5"), 4, "umd6");
    text.replace(text.find("umd4"), 4, "umd5");
    text.replace(text.find("umd6"), 4, "umd4");
    core::write_file(depot->layout.configuration(), text);  // umd4 is the default now
    reopen();
    EXPECT_TRUE(admit("argus", "1", {"argus 1 x86_64"}).outcome.has_value());
    EXPECT_EQ(standing(), (Standing{{"argus-1", "unverified"}, {"argus-1~2", "unverified"}}));
}

TEST_F(Life, OfOneProductAndVersionOneReleaseStandsAtATime) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    const auto then = depot->state().generation;
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "fix 1 x86_64"});
    promote(second, "stage-rollout");
    const auto before = everything();
    EXPECT_REFUSED(operations().rollback(then, "unverified", asked),
                   core::reason::already_released);
    EXPECT_EQ(everything(), before);
    operations().rollback(then, std::nullopt, asked);  // the other one leaves
    EXPECT_EQ(standing(), (Standing{{first, "unverified"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, ARejectedReleaseDoesNotComeBackBesideTheNextOfItsName) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    promote(first, "stage-rollout");
    const auto then = depot->state().generation;
    operations().reject(first, asked);
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "fix 1 x86_64"});
    EXPECT_REFUSED(operations().rollback(then, "stage-rollout", asked),
                   core::reason::already_released);
    EXPECT_EQ(standing(), (Standing{{second, "unverified"}}));
}

TEST_F(Life, AResubmissionTakesThePlaceOfTheUnverifiedOne) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "argus-fix 1 x86_64"});
    EXPECT_EQ(second, "argus-1~2");
    EXPECT_EQ(standing(), (Standing{{second, "unverified"}}));
    EXPECT_THAT(seen("unverified"), ElementsAre("argus-1.x86_64", "argus-fix-1.x86_64"));
    promote(second, "stage-rollout");
    EXPECT_REFUSED(admit("argus", "1", {"argus 1 x86_64"}), core::reason::already_released);
    EXPECT_EQ(findings(), "");
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

TEST_F(Life, TwoProductsOfOneIdAreTwoReleases) {
    const std::string first = admitted("a-b", "1", {"ab 1 x86_64"});
    const std::string second = admitted("a", "b-1", {"a 1 x86_64"});
    EXPECT_EQ(standing(), (Standing{{first, "unverified"}, {second, "unverified"}}));
}

TEST_F(Life, OtherBytesUnderAKnownNameAreRefusedForever) {
    const std::string id = admitted("argus", "1", {"argus 1 x86_64"});
    operations().reject(id, asked);
    EXPECT_THAT(standing(), IsEmpty());
    const auto before = everything();
    EXPECT_REFUSED(admit("other", "1", {"argus 1 x86_64 rebuilt"}),
                   core::reason::same_name_different_content);
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(admitted("other", "1", {"argus 1 x86_64"}), "other-1")
        << "the same bytes are welcome";
}

TEST_F(Life, EveryFaultOfABundleIsToldAtOnce) {
    try {
        admit(
            "argus", "1",
            {"argus 1 x86_64", "two words", "argus 1 s390x", "crash", "memory", "nowhere/ b 1 *"});
        FAIL();
    } catch (const core::Refused& refused) {
        std::vector<std::string> codes;
        for (const core::Problem& problem : refused.report()) codes.push_back(problem.code);
        EXPECT_THAT(codes, testing::UnorderedElementsAre("package-corrupt", "architecture-unknown",
                                                         "package-corrupt", "package-limit",
                                                         "platform-unknown"));
    }
    EXPECT_EQ(depot->state().generation, 1u);
}

TEST_F(Life, AReleaseWithoutItsNameOrVersionIsRefused) {
    for (const auto& [product, version, missing] :
         {std::tuple{"", "1", "name"}, {"argus", "", "version"}}) {
        try {
            admit(product, version, {"argus 1 x86_64"});
            ADD_FAILURE() << "admitted without a " << missing;
        } catch (const core::Refused& refused) {
            EXPECT_EQ(refused.code(), core::reason::missing_element);
            EXPECT_THAT(refused.what(), HasSubstr(missing));
            EXPECT_THAT(refused.remedy(), HasSubstr("release.xml"));
        }
    }
}

TEST_F(Life, AFailureOfOursWhileReadingIsNotTheProvidersFault) {
    EXPECT_THROW(admit("argus", "1", {"fail"}), core::Error);
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
    operations().promote({older}, "stage-rollout", true, asked);
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("argus-2.x86_64", "argus-1.x86_64"));
}

TEST_F(Life, RollbackIsANewGenerationWithTheOldContent) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    const auto good = depot->state();
    clock.time += hours(1);
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    promote(b, "stage-rollout");
    clock.time += hours(1);
    const auto outcome = operations().rollback(good.generation, std::nullopt, asked);
    EXPECT_EQ(outcome.state.standing, good.standing);
    EXPECT_EQ(outcome.state.generation, good.generation + 3);
    EXPECT_GT(outcome.state.date, good.date);
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64"));
    EXPECT_THAT(seen("unverified"), IsEmpty());
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(operations().rollback(good.generation, std::nullopt, asked),
                   core::reason::nothing_to_do);
    EXPECT_REFUSED(operations().rollback(999, std::nullopt, asked),
                   core::reason::unknown_generation);
}

TEST_F(Life, RollbackWithoutANumberUndoesTheLastMoves) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    operations().refresh(asked);
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(standing(), (Standing{{a, "unverified"}}));
    EXPECT_THAT(seen("unverified", "umd5/releases/a-1/el9/x86_64"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, RollbackOfAStageLeavesTheOthers) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    promote(a, "stage-rollout");
    const auto then = depot->state().generation;
    promote(a, "production");
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    operations().rollback(then, "production", asked);
    EXPECT_EQ(standing(), (Standing{{a, "stage-rollout"}, {b, "unverified"}}));
    EXPECT_REFUSED(operations().rollback(then, "nowhere", asked), core::reason::unknown_stage);
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

TEST_F(Life, ARollbackBringsReleasesBackToTheirPlace) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    const auto good = depot->state();
    promote(a, "stage-rollout");
    EXPECT_EQ(depot->state().arrivals.at(a), good.generation + 1);
    operations().rollback(good.generation, std::nullopt, asked);
    EXPECT_EQ(depot->state().arrivals, good.arrivals);
    EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64", "b-1.x86_64"));
    // Away and back by other moves, so that it stands where it stood, but at another place.
    operations().reject(a, asked);
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_EQ(depot->state().arrivals, good.arrivals);
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, RefreshGivesNewDatesAndANewKeyInOneStep) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const auto root = published("production/umd5/el9/x86_64/index/root.sig");
    clock.time += std::chrono::days(10);
    signer.key = "NEXT";
    EXPECT_THAT(findings(), HasSubstr("signing.key is NEXT, but what is published is signed by"));
    EXPECT_THAT(core::read_file(published("keys/sluice.asc")), "DEPOT");
    operations().refresh(asked);
    EXPECT_THAT(core::read_file(published("keys/sluice.asc")), "NEXT");
    EXPECT_THAT(core::read_file(root), testing::StartsWith("NEXT "));
    for (const auto& [path, published] : depot->state().repositories) {
        EXPECT_EQ(published.date, clock.time);
        EXPECT_EQ(published.valid_until, clock.time + std::chrono::days(14));
    }
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, APromotionTouchesOnlyTheRepositoriesItChanges) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const auto generation = depot->state().generation;
    promote(a, "stage-rollout");
    for (const auto& [path, published] : depot->state().repositories) {
        const bool changed =
            path == "unverified/umd5/el9/x86_64" || path == "stage-rollout/umd5/el9/x86_64" ||
            // its notes go to every tree of the platform
            path == "unverified/umd5/el9/aarch64" || path == "stage-rollout/umd5/el9/aarch64";
        EXPECT_EQ(published.composed == generation + 1, changed) << path;
        if (changed) continue;
        const std::string root = path + "/index/root";
        EXPECT_TRUE(core::same_file(depot->layout.generation(generation) / root,
                                    depot->layout.generation(generation + 1) / root));
    }
}

TEST_F(Life, SupersededMetadataStaysForItsGraceTime) {
    const auto list = [&] {
        const auto index = published("unverified/umd5/el9/x86_64/index");
        return index / core::read_file(index / "root").substr(0, 69);
    };
    const auto first = list().filename();
    admitted("a", "1", {"a 1 x86_64"});
    EXPECT_NE(list().filename(), first);
    const auto old = list().parent_path() / first;
    EXPECT_TRUE(std::filesystem::exists(old));
    clock.time += hours(71);
    admitted("b", "1", {"b 1 x86_64"});
    EXPECT_TRUE(std::filesystem::exists(old));
    clock.time += hours(2);
    admitted("c", "1", {"c 1 x86_64"});
    EXPECT_TRUE(std::filesystem::exists(old));
    gc();
    EXPECT_FALSE(std::filesystem::exists(old));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, MetadataOfAnEarlierTimeIsNeverPublished) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const auto before = everything();
    clock.time -= hours(1);
    EXPECT_THROW(promote(id, "stage-rollout"), core::Error);
    EXPECT_EQ(everything(), before);
    clock.time += hours(1) - std::chrono::seconds(3);  // an adjusted clock
    EXPECT_EQ(promote(id, "stage-rollout").state.date, clock.time + std::chrono::seconds(3));
}

TEST_F(Life, ADamagedOrDeletedCacheIsOnlySlower) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(depot->layout.fragments())) {
        if (entry.is_regular_file()) core::write_file(entry.path(), "damage");
    }
    promote(a, "stage-rollout");
    core::remove_tree(depot->layout.fragments());
    promote(b, "stage-rollout");
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64", "b-1.x86_64"));
    EXPECT_EQ(findings(), "");
    core::remove_tree(depot->layout.fragments());
    core::write_file(depot->layout.fragments(), "no room");
    promote(a, "production");
    EXPECT_THAT(seen("production"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, ANewPlatformIsPublishedByTheNextOperation) {
    admitted("a", "1", {"a 1 x86_64"});
    core::write_file(depot->layout.configuration(), plain_configuration() + R"(
[[platform]]
name = "el10"
format = "yum"
architectures = ["x86_64"]
)");
    reopen();
    operations().refresh(asked);
    EXPECT_THAT(seen("unverified", "umd5/el10/x86_64"), IsEmpty());
    EXPECT_EQ(findings(), "");
}

TEST_F(Life, ARemovedPlatformLeavesTheTree) {
    admitted("a", "1", {"a 1 x86_64", "debian12/ a 1 amd64"});
    std::string text = plain_configuration();
    text.resize(text.rfind("[[platform]]"));
    core::write_file(depot->layout.configuration(), text);
    reopen();
    EXPECT_THAT(findings(), HasSubstr("debian12"));  // still published, no longer configured
    operations().refresh(asked, true);
    EXPECT_EQ(depot->state().repositories.contains("unverified/umd5/debian12/amd64"), false);
    EXPECT_EQ(findings(), "");
}

TEST(LifeWithAPublicUrl, EveryRepositoryHasAMirrorListThatNamesItsGeneration) {
    World world(plain_configuration("public_url = \"https://repo.example.org/\"\n"));
    const auto expect_list = [&](const std::string& path, const std::string& place) {
        EXPECT_EQ(core::read_file(world.published(path) / "mirrorlist"),
                  "https://repo.example.org/generations/" + place + "/\n");
    };
    const std::string shared = "unverified/umd5/el9/x86_64", other = "production/umd5/el9/x86_64";
    expect_list(shared, "000001/" + shared);
    const std::string id = world.admitted("a", "1", {"a 1 x86_64"});
    expect_list(shared, "000002/" + shared);
    const std::string own = "unverified/umd5/releases/" + id + "/el9/x86_64";
    expect_list(own, "000002/" + core::place_of(own));
    expect_list(other, "000001/" + other);  // where it stands
    EXPECT_EQ(world.findings(), "");
}

TEST(LifeWithAPublicUrl, CanBeginLate) {
    World world;
    core::write_file(world.depot->layout.configuration(),
                     plain_configuration("public_url = \"https://repo.example.org\"\n"));
    world.reopen();
    world.admitted("a", "1", {"a 1 x86_64"});  // composes a few repositories only
    EXPECT_EQ(world.findings(), "");
}

TEST(LifeWithSignatures, ThePolicyOfTheLineJudgesPackages) {
    std::string text = plain_configuration();
    text.replace(text.find("allow-unsigned"), 14, "require");
    World world(text);
    core::write_file(world.depot->layout.provider_keys() / "ada.asc", "ADA");
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64"}), core::reason::unsigned_package);
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:EVE"}), core::reason::unknown_key);
    const auto admitted = world.admit("a", "1", {"a 1 x86_64 by:ADA"});
    EXPECT_EQ(admitted.release.packages.front().signed_by, "ADA");
    EXPECT_EQ(core::read_file(world.published("keys/provider-ada.asc")), "ADA");
    EXPECT_EQ(world.admitted("b", "1", {"b 1 x86_64"}, "umd4"), "b-1@umd4");
    EXPECT_EQ(world.findings(), "");
}

TEST(LifeWithSignatures, TheWorstOfSeveralDecides) {
    std::string text = plain_configuration();
    text.replace(text.find("allow-unsigned"), 14, "require");
    World world(text);
    core::write_file(world.depot->layout.provider_keys() / "ada.asc", "ADA");
    // umd5 requires signatures, umd4 does not; neither takes what is bad or none.
    for (const std::string line : {"umd5", "umd4"}) {
        for (const std::string signatures :
             {"bad:ADA by:EVE", "by:EVE bad:ADA", "by:ADA bad:ADA", "bad:ADA by:ADA", "by: by:EVE",
              "by:EVE by:", "by:ADA by:", "by:"}) {
            EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 " + signatures}, line),
                           core::reason::bad_signature);
        }
    }
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:ADA by:EVE"}), core::reason::unknown_key);
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:EVE by:ADA"}), core::reason::unknown_key);
    const auto known = world.admit("a", "1", {"a 1 x86_64 by:EVE by:ADA"}, "umd4");
    EXPECT_EQ(known.release.packages.front().signed_by, "ADA");
    const auto unknown = world.admit("b", "1", {"b 1 x86_64 by:EVE"}, "umd4");
    EXPECT_EQ(unknown.release.packages.front().signed_by, "");
}

TEST_F(Life, ClientFilesComeAndGoWithTheirRepositories) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const auto file = published("client/umd5-unverified-a-1-el9.site");
    EXPECT_THAT(core::read_file(file), HasSubstr("/unverified/umd5/releases/a-1/el9\n"));
    EXPECT_THAT(core::read_file(file), HasSubstr("enabled=1"));
    EXPECT_THAT(core::read_file(published("client/umd5-deprecated-el9.site")),
                HasSubstr("enabled=0"));
    promote(id, "stage-rollout");
    EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace core_test
