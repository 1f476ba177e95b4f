// SPDX-License-Identifier: GPL-3.0-or-later
// Whose packages are whose, in a depot with two providers.
#include "core/work/owners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "core/work/configuration_change.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Owners;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string providers = R"(
[[provider]]
name = "lumen"
keys = ["lumen.asc"]
packages = ["lantern*", "canl"]
[[provider]]
name = "umbra"
keys = ["umbra.asc"]
)";

class OwnersOf : public testing::Test, public World {
  protected:
    explicit OwnersOf(const std::string& configuration = providers)
        : World(plain_configuration(configuration)) {
        core::write_file(depot->layout.provider_keys() / "lumen.asc", "L");
        core::write_file(depot->layout.provider_keys() / "umbra.asc", "U");
    }

    void configure(const std::string& more) {
        core::write_file(depot->layout.configuration(), plain_configuration(more));
        reopen();
    }

    std::string admit_as(const std::string& provider, const std::string& product,
                         const std::string& version, const std::vector<std::string>& packages) {
        core::Introduction named = introduction;
        named.named = provider;
        return operations()
            .admit(bundle(product, version, packages), {.introduction = named}, asked)
            .release.id;
    }

    Owners owners() { return core::owners_of(*depot); }
    core::Outcome transfer(const std::vector<std::string>& names, const std::string& to) {
        return operations().transfer(names, to, asked);
    }
    std::string owner_without_cache(const std::string& name) {
        core::remove_tree(depot->layout.fragments());
        return owners()[name];
    }
};

TEST_F(OwnersOf, ANameStandsUnderTheFirstWhoHandsItIn) {
    const std::string id = admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    EXPECT_EQ(depot->records.load(id).provider, "lumen");
    EXPECT_EQ(owners(), (Owners{{"lantern", "lumen"}}));
    EXPECT_REFUSED(admit("torch", "1", {"torch 1 x86_64 by:U", "lantern 9 x86_64 by:U"}),
                   core::reason::package_owner);
    EXPECT_EQ(admitted("lantern", "2", {"lantern 2 x86_64 by:L"}), "lantern-2");
    EXPECT_EQ(owners(), (Owners{{"lantern", "lumen"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(OwnersOf, ASharedPackageIsHandedOverByTheOperatorOnly) {
    admit_as("lumen", "cream", "1", {"canl 2 *"});
    const auto by_umbra = [&] { return admit_as("umbra", "voms", "3", {"voms 3 *", "canl 2 *"}); };
    EXPECT_REFUSED(by_umbra(), core::reason::package_owner);  // though it is the same file
    EXPECT_REFUSED(transfer({"canl"}, "nobody"), core::reason::unknown_provider);
    EXPECT_REFUSED(transfer({"cannl"}, "umbra"), core::reason::unknown_package);
    EXPECT_REFUSED(transfer({"canl"}, "lumen"), core::reason::nothing_to_do);
    const auto before = depot->state();
    asked.dry_run = true;
    const core::Outcome planned = transfer({"canl"}, "umbra");
    EXPECT_FALSE(planned.done);
    EXPECT_EQ(depot->state(), before);
    core::Plan other = planned.plan;
    other.operation.claims = {{"canl", "lumen"}};
    EXPECT_NE(other.hash(), planned.plan.hash()) << "the hash says who gets what";
    asked.dry_run = false;
    EXPECT_EQ(transfer({"canl"}, "umbra").plan.hash(), planned.plan.hash());
    EXPECT_EQ(depot->state().generation, before.generation + 1);
    EXPECT_EQ(depot->state().standing, before.standing);
    EXPECT_EQ(findings(), "");
    by_umbra();
    EXPECT_REFUSED(admit_as("lumen", "cream", "2", {"canl 3 *"}), core::reason::package_owner);
    EXPECT_REFUSED(transfer({"voms"}, "lumen"), core::reason::provider_scope);  // not its pattern
}

TEST_F(OwnersOf, ADebIsOnlyTakenFromWhomSomebodyVouchesFor) {
    const std::vector<std::string> deb{"debian12/ lantern 1 amd64"};
    EXPECT_REFUSED(admit("lantern", "1", deb), core::reason::provider_missing);
    introduction.of_people = {"lumen"};
    EXPECT_EQ(depot->records.load(admitted("lantern", "1", deb)).provider, "lumen");
    introduction.of_people = {"umbra"};
    EXPECT_REFUSED(admit("torch", "1", {"debian12/ lantern 2 amd64"}), core::reason::package_owner);
    // An rpm and a deb are one name.
    EXPECT_REFUSED(admit("torch", "1", {"lantern 2 x86_64 by:U"}), core::reason::package_owner);
}

TEST_F(OwnersOf, KeyAndPatternsMustFit) {
    EXPECT_REFUSED(admit_as("umbra", "torch", "1", {"torch 1 x86_64 by:L"}),
                   core::reason::provider_key);
    EXPECT_REFUSED(admit("lantern", "1", {"torch 1 x86_64 by:L"}), core::reason::provider_scope);
    EXPECT_REFUSED(admit("both", "1", {"lantern 1 x86_64 by:L", "torch 1 x86_64 by:U"}),
                   core::reason::provider_conflict);
    EXPECT_EQ(owners(), Owners());
}

TEST_F(OwnersOf, AReleaseMakesRoomOnlyForItsOwnProviders) {
    const std::string id = admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    EXPECT_REFUSED(admit("lantern", "1", {"torch 1 x86_64 by:U"}), core::reason::release_owner);
    EXPECT_EQ(standing(), (core::Standing{{id, "unverified"}}));
    EXPECT_EQ(admitted("lantern", "1", {"lantern 2 x86_64 by:L"}), "lantern-1~2");
    transfer({"lantern"}, "umbra");
    EXPECT_EQ(admitted("lantern", "1", {"lantern 3 x86_64 by:U"}), "lantern-1~3");
}

TEST_F(OwnersOf, AKeyFileThatIsMissingStopsItsOwnProviderOnly) {
    operations().refresh(asked);
    const core::State before = depot->state();
    const std::filesystem::path handed_out = published("keys") / "provider-lumen.asc";
    core::remove_tree(depot->layout.provider_keys() / "lumen.asc");
    const auto due = [&] {
        const core::ProviderKeys keys = core::provider_keys(*depot, read_keys);
        return core::pending_changes(*depot, depot->state(), &keys);
    };
    EXPECT_THAT(due(), IsEmpty());
    operations().refresh(asked);
    admit_as("umbra", "torch", "1", {"torch 1 x86_64 by:U"});
    // Whose key it is cannot be said without the file: perhaps several providers'.
    EXPECT_THROW(admit("torch", "2", {"torch 2 x86_64 by:U"}), core::Error);
    introduction.of_people = {"umbra"};
    EXPECT_EQ(admitted("torch", "2", {"torch 2 x86_64 by:U"}), "torch-2");
    introduction.of_people = {};
    // Sites that are new still have to install what is published.
    EXPECT_EQ(core::read_file(handed_out), "L");
    for (const auto& [path, digest] : before.handed_out) {
        EXPECT_EQ(depot->state().handed_out[path], digest) << path;
    }
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_THROW(admit("lantern", "1", {"lantern 1 x86_64 by:L"}), core::Error);
    try {
        admit_as("lumen", "lantern", "1", {"lantern 1 x86_64 by:L"});
        ADD_FAILURE() << "it was admitted";
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("provider-keys/lumen.asc is missing"));
        EXPECT_THAT(error.what(), HasSubstr("put it back, or take it out of the provider's keys"));
    }
    EXPECT_THAT(findings(), AllOf(HasSubstr("provider-keys/lumen.asc: is missing"),
                                  Not(HasSubstr("is gone")), Not(HasSubstr("sites do not have"))));
    const core::Report told = core::missing_key_files(depot->configuration.providers,
                                                      core::provider_keys(*depot, read_keys));
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told.front().severity, core::Severity::error);
    EXPECT_THROW(operations().adopt(asked), core::Error);  // which judges all providers
    core::write_file(depot->layout.provider_keys() / "lumen.asc", "L");
    EXPECT_EQ(findings(), "");
}

TEST_F(OwnersOf, AKeyFileIsWithdrawnWhenNobodyNamesItAnyMore) {
    operations().refresh(asked);
    core::remove_tree(depot->layout.provider_keys() / "lumen.asc");
    operations().refresh(asked);
    const std::filesystem::path handed_out = published("keys") / "provider-lumen.asc";
    // One that was damaged is not handed on.
    core::write_file(handed_out, "other");
    operations().refresh(asked);
    EXPECT_FALSE(std::filesystem::exists(handed_out));
    core::write_file(depot->layout.provider_keys() / "lumen.asc", "L");
    operations().refresh(asked);
    EXPECT_TRUE(std::filesystem::exists(handed_out));
    core::remove_tree(depot->layout.provider_keys() / "lumen.asc");
    configure(providers.substr(providers.rfind("[[")));
    EXPECT_THAT(findings(), HasSubstr("(lumen.asc is gone): run `sluice refresh`"));
    operations().refresh(asked);
    EXPECT_FALSE(std::filesystem::exists(handed_out));
    EXPECT_EQ(findings(), "");
}

TEST_F(OwnersOf, NothingButATransferTakesANameBack) {
    const std::string id = admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    operations().rollback(1, {}, asked);
    EXPECT_EQ(owners(), (Owners{{"lantern", "lumen"}}));
    EXPECT_REFUSED(admit("torch", "1", {"lantern 9 x86_64 by:U"}), core::reason::package_owner);
    transfer({"lantern"}, "umbra");
    operations().rollback(2, {}, asked);  // the release of its former provider is back
    EXPECT_EQ(standing(), (core::Standing{{id, "unverified"}}));
    EXPECT_EQ(owners(), (Owners{{"lantern", "umbra"}}));
    EXPECT_EQ(owner_without_cache("lantern"), "umbra");
    EXPECT_EQ(findings(), "");
}

TEST_F(OwnersOf, AnAdmissionThatFailsClaimsNothing) {
    owners();
    signer.sound = false;
    EXPECT_THROW(admit("lantern", "1", {"lantern 1 x86_64 by:L"}), core::Error);
    signer.sound = true;
    EXPECT_EQ(owners(), Owners());
    admit_as("umbra", "torch", "1", {"lantern 1 x86_64"});
    EXPECT_EQ(owner_without_cache("lantern"), "umbra");
}

TEST_F(OwnersOf, ThoseWhoWereTooLateAreToldUnderTheLock) {
    // Somebody else's admission is committed while this one reads its packages.
    bool first = true;
    progress = [&](const std::string& what) {
        if (what != "inspecting packages" || !std::exchange(first, false)) return;
        World::admit("torch", "1", {"lantern 9 x86_64 by:U"});
    };
    EXPECT_REFUSED(admit("lantern", "1", {"lantern 1 x86_64 by:L"}), core::reason::package_owner);
    EXPECT_EQ(owners(), (Owners{{"lantern", "umbra"}}));
}

TEST_F(OwnersOf, ACacheOfAnotherLedgerIsNotBelieved) {
    std::filesystem::copy(
        depot->layout.root, directory / "copy",
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    owners();
    const auto kept = depot->cache.get("owners");
    ASSERT_TRUE(kept);
    // The depot is restored from its copy, but for the cache, and other things happen.
    core::remove_tree(depot->layout.root);
    std::filesystem::rename(directory / "copy", depot->layout.root);
    clock.time += std::chrono::hours(1);
    reopen();
    scratch.emplace(depot->layout.work());
    depot->cache.put("owners", *kept);
    admit_as("umbra", "torch", "1", {"lantern 1 x86_64"});
    EXPECT_EQ(owners(), (Owners{{"lantern", "umbra"}}));
    depot->cache.put("owners", "{\"format\":1,\"line\":7}");
    EXPECT_EQ(owners(), (Owners{{"lantern", "umbra"}}));
}

class FirstProviders : public OwnersOf {
  protected:
    FirstProviders() : OwnersOf("") {}
};

TEST_F(FirstProviders, FindNamesThatAreNobodys) {
    const std::string old = admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    admitted("torch", "1", {"torch 1 x86_64 by:U", "debian12/ torch-doc 1 amd64"});
    admitted("plain", "1", {"canl 1 *"});
    admitted("mixed", "1", {"mixed 1 x86_64 by:L", "mixed-too 1 x86_64 by:U"});
    EXPECT_EQ(depot->records.load(old).provider, "");
    EXPECT_THAT(core::remark_on_providers(depot->configuration.providers, {}),
                HasSubstr("none is configured"));
    configure(providers);
    EXPECT_THAT(core::names_of_nobody(owners()),
                ElementsAre("canl", "lantern", "mixed", "mixed-too", "torch", "torch-doc"));
    EXPECT_THAT(core::remark_on_providers(depot->configuration.providers, owners()),
                HasSubstr("6 package names are nobody's"));
    // Nobody's means that nobody may take it.
    EXPECT_REFUSED(admit("lantern", "2", {"lantern 2 x86_64 by:L"}), core::reason::package_owner);
    promote(old, "stage-rollout");  // what came before goes on

    asked.dry_run = true;
    const Owners expected{{"lantern", "lumen"}, {"torch", "umbra"}, {"torch-doc", "umbra"}};
    EXPECT_EQ(operations().adopt(asked).plan.operation.claims, expected);
    EXPECT_EQ(core::names_of_nobody(owners()).size(), 6u);
    asked.dry_run = false;
    EXPECT_TRUE(operations().adopt(asked).done);
    EXPECT_THAT(core::names_of_nobody(owners()), ElementsAre("canl", "mixed", "mixed-too"));
    const auto generation = depot->state().generation;
    EXPECT_FALSE(operations().adopt(asked).done) << "what is left may be of several";
    EXPECT_EQ(depot->state().generation, generation);
    EXPECT_EQ(admitted("lantern", "2", {"lantern 2 x86_64 by:L"}), "lantern-2");
    transfer({"canl", "mixed", "mixed-too"}, "umbra");
    EXPECT_EQ(core::remark_on_providers(depot->configuration.providers, owners()), "");
    EXPECT_EQ(findings(), "");
}

TEST_F(FirstProviders, DoNotTakeThePlaceOfAReleaseOfBefore) {
    const std::string old = admitted("lantern", "1", {"lantern 1 x86_64", "canl 1 *"});
    configure(providers);
    const auto again = [&] { return admit_as("lumen", "lantern", "1", {"lantern-new 1 x86_64"}); };
    EXPECT_REFUSED(again(), core::reason::release_owner);
    transfer({"lantern"}, "lumen");
    transfer({"canl"}, "umbra");
    EXPECT_REFUSED(again(), core::reason::release_owner);
    EXPECT_EQ(standing(), (core::Standing{{old, "unverified"}}));
    transfer({"canl"}, "lumen");
    EXPECT_EQ(standing(), (core::Standing{{old, "unverified"}}));
    EXPECT_EQ(again(), "lantern-1~2");
}

TEST_F(FirstProviders, AndWithoutThemEverythingIsAsBefore) {
    admitted("lantern", "1", {"lantern 1 x86_64 by:L"});
    admitted("torch", "1", {"lantern 9 x86_64 by:U"});
    EXPECT_REFUSED(admit_as("lumen", "x", "1", {"x 1 *"}), core::reason::unknown_provider);
    EXPECT_REFUSED(operations().adopt(asked), core::reason::unknown_provider);
    configure(providers);
    transfer({"lantern"}, "lumen");
    configure("");
    admitted("torch", "2", {"lantern 10 x86_64 by:U"});  // takes nothing away
    configure(providers);
    EXPECT_EQ(owners(), (Owners{{"lantern", "lumen"}}));
    configure(providers.substr(providers.rfind("[[")));
    EXPECT_THAT(
        core::remark_on_providers(depot->configuration.providers, owners()),
        HasSubstr("1 package names stand under providers that are not configured any more"));
    EXPECT_REFUSED(admit("lantern", "2", {"lantern 11 x86_64 by:U"}), core::reason::package_owner);
}

}  // namespace
}  // namespace core_test
