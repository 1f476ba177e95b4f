// SPDX-License-Identifier: GPL-3.0-or-later
// Whose the ids of advisories and groups are, in a depot with two providers.
#include "core/work/id_owners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "core/work/admission.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string two_providers = R"(
[[provider]]
name = "lumen"
keys = ["lumen.asc"]
[[provider]]
name = "umbra"
keys = ["umbra.asc"]
)";

class IdOwners : public testing::Test, public World {
  protected:
    explicit IdOwners(const std::string& configuration = two_providers)
        : World(plain_configuration(configuration)) {
        core::write_file(depot->layout.provider_keys() / "lumen.asc", "L");
        core::write_file(depot->layout.provider_keys() / "umbra.asc", "U");
    }

    /// One package of the product's name, signed by `key`, and a document for each text.
    core::Bundle with_documents(const std::string& product, const std::string& version,
                                const std::string& key, const std::vector<std::string>& documents) {
        core::Bundle received =
            bundle(product, version, {core::lower(product) + " " + version + " x86_64 by:" + key});
        for (const std::string& text : documents) {
            core::ReceivedFile file;
            file.file = scratch->directory() / ("document-in-" + std::to_string(documents_++));
            core::write_file(file.file, text);
            received.documents.push_back(file);
        }
        return received;
    }

    std::string hand_in(const std::string& product, const std::string& version,
                        const std::string& key, const std::vector<std::string>& documents) {
        return operations()
            .admit(with_documents(product, version, key, documents), {}, asked)
            .release.id;
    }

    std::string refusal(const std::function<void()>& attempt) {
        try {
            attempt();
        } catch (const core::Refused& refused) {
            EXPECT_EQ(refused.code(), core::reason::id_owner) << refused.what();
            return std::string(refused.what()) + "; " + refused.remedy();
        }
        return "accepted";
    }

    void forget_ids(const std::string& release) {
        core::Release record = depot->records.load(release);
        ASSERT_FALSE(record.ids.empty());
        record.ids.clear();
        const auto file = depot->layout.releases() / (release + ".json");
        std::filesystem::remove(file);
        core::write_file(file, core::to_json(record));
    }

  private:
    int documents_ = 0;
};

TEST_F(IdOwners, AnIdIsOfWhoHandedItInFirst) {
    const std::string id = hand_in("lantern", "1", "L", {"group lights: lantern"});
    promote(id, "stage-rollout");
    const auto before = everything();
    EXPECT_THAT(refusal([&] { hand_in("torch", "1", "U", {"group lights: torch"}); }),
                AllOf(HasSubstr("the group lights stands in stage-rollout already, in lantern-1 of "
                                "the provider lumen, not umbra"),
                      HasSubstr("give it another id")));
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(hand_in("torch", "1", "U", {"group torches: torch"}), "torch-1");
    EXPECT_EQ(hand_in("lantern", "2", "L", {"group lights: newer"}), "lantern-2");
    EXPECT_EQ(findings(), "");
}

TEST_F(IdOwners, ThatOfAReleasesOwnAdvisoryToo) {
    hand_in("lantern", "1", "L", {});
    const auto with_its_notes = [&] { hand_in("torch", "1", "U", {"notes of lantern 1\n"}); };
    EXPECT_THAT(refusal(with_its_notes), HasSubstr("the notes of lantern 1 stands in unverified"));
    // And the other way round: the one that is made for it.
    hand_in("torch", "2", "U", {"notes of lantern 2\n"});
    EXPECT_THAT(refusal([&] { hand_in("lantern", "2", "L", {}); }),
                HasSubstr("made of its product and version"));
}

TEST_F(IdOwners, OneOfAReleaseThatStandsNowhereIsFree) {
    const std::string id = hand_in("lantern", "1", "L", {"group lights: lantern"});
    operations().reject(id, asked);
    EXPECT_EQ(hand_in("torch", "1", "U", {"group lights: torch"}), "torch-1");
    // Both stand again: whose it was first may go on, the other may not.
    operations().rollback(2, {}, asked);
    hand_in("torch", "2", "U", {});
    EXPECT_EQ(standing().size(), 2u);
}

TEST_F(IdOwners, AReleaseDoesNotComeBackToAStageBesideAnothersOfItsIds) {
    const std::string id = hand_in("lantern", "1", "L", {"group lights: lantern"});
    promote(id, "stage-rollout");
    const auto then = depot->state().generation;
    operations().reject(id, asked);
    const std::string other = hand_in("torch", "1", "U", {"group lights: torch"});
    const auto refuse = [&] {
        EXPECT_THAT(
            refusal([&] { operations().rollback(then, "stage-rollout", asked); }),
            AllOf(HasSubstr("lantern-1 cannot come to stage-rollout: the group lights "
                            "stands in unverified already, in torch-1 of the provider "
                            "umbra, not lumen"),
                  HasSubstr("`sluice rollback` without --stage"), Not(HasSubstr("another id"))));
    };
    const auto before = everything();
    refuse();
    EXPECT_EQ(everything(), before);
    forget_ids(id);
    refuse();
    operations().rollback(then, {}, asked);  // the other one leaves
    EXPECT_EQ(standing(), (core::Standing{{id, "stage-rollout"}}));
}

TEST_F(IdOwners, AReleaseComesBackToAStageBesideItsProvidersOwn) {
    const std::string id = hand_in("lantern", "1", "L", {"group lights: lantern"});
    const auto then = depot->state().generation;
    operations().reject(id, asked);
    hand_in("lantern", "2", "L", {"group lights: newer"});
    hand_in("torch", "1", "U", {"group torches: torch"});
    EXPECT_EQ(refusal([&] { operations().rollback(then, "unverified", asked); }), "accepted");
    EXPECT_EQ(standing().count(id), 1u);
}

TEST_F(IdOwners, IdsGoWithTheirPackages) {
    hand_in("lantern", "1", "L", {"group lights: lantern"});
    operations().transfer({"lantern"}, "umbra", asked);
    EXPECT_EQ(hand_in("lantern", "2", "U", {"group lights: lantern"}), "lantern-2");
    EXPECT_THAT(refusal([&] { hand_in("torch", "1", "L", {"group lights: torch"}); }),
                HasSubstr("lantern-1 of the provider umbra, not lumen"));
}

TEST_F(IdOwners, ThoseWhoWereTooLateAreToldUnderTheLock) {
    const core::Bundle received = with_documents("lantern", "1", "L", {"group lights: lantern"});
    auto candidate = core::examine(*depot, collaborators(), received, {}, asked);
    hand_in("torch", "1", "U", {"group lights: torch"});
    const core::Lock lock = core::begin_writing(*depot, clock);
    EXPECT_THAT(refusal([&] {
                    core::RecordReader records(depot->records);
                    core::decide_admission(*depot, formats, depot->state(), records, candidate);
                }),
                HasSubstr("torch-1 of the provider umbra"));
}

TEST_F(IdOwners, RecordsWithoutIdsAreJudgedByTheirDocuments) {
    forget_ids(hand_in("lantern", "1", "L", {"group lights: lantern"}));
    EXPECT_THAT(refusal([&] { hand_in("torch", "1", "U", {"group lights: torch"}); }),
                HasSubstr("lantern-1 of the provider lumen"));
}

class IdsOfBefore : public IdOwners {
  protected:
    IdsOfBefore() : IdOwners("") {}
};

TEST_F(IdsOfBefore, AreNobodysUntilThePackagesAreSomebodys) {
    hand_in("lantern", "1", "L", {"group lights: lantern"});
    hand_in("torch", "1", "U", {"group lights: torch"});  // without providers nobody is asked
    core::write_file(depot->layout.configuration(), plain_configuration(two_providers));
    reopen();
    EXPECT_THAT(refusal([&] { hand_in("flare", "1", "L", {"group lights: flare"}); }),
                AllOf(HasSubstr("of before there were providers, and is nobody's yet"),
                      HasSubstr("sluice provider adopt")));
    operations().adopt(asked);
    EXPECT_EQ(hand_in("flare", "1", "L", {"group lights: flare"}), "flare-1");
    EXPECT_THAT(refusal([&] { hand_in("torch", "2", "U", {"group lights: torch"}); }),
                HasSubstr("lantern-1 of the provider lumen, not umbra"));
}

}  // namespace
}  // namespace core_test
