// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of releases whose keys are not sound any more.
#include "core/work/key_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string ada(40, 'A');

class KeyRule : public testing::Test, public World {
  protected:
    void SetUp() override {
        know(ada);
        id = admitted("a", "1", {"a 1 x86_64 by:" + ada});
    }

    void know(const std::string& text) {
        core::write_file(depot->layout.provider_keys() / "ada.asc", text);
    }
    void forget() { core::remove_tree(depot->layout.provider_keys() / "ada.asc"); }

    void require_signatures() {
        std::string text = core::read_file(depot->layout.configuration());
        const std::string allowed = "\nsignatures = \"allow-unsigned\"";
        core::write_file(depot->layout.configuration(),
                         text.erase(text.find(allowed), allowed.size()));
        reopen();
    }

    void expect_unsigned(const std::string& release) {
        EXPECT_REFUSED(promote(release, "stage-rollout"), core::reason::unsigned_package);
        ASSERT_EQ(standing_report().size(), 1u);
        EXPECT_EQ(standing_report().front().severity, core::Severity::error);
        EXPECT_THAT(findings(), HasSubstr("releases/" + release + ".json: 1 package has no "));
        operations().refresh(asked);
    }

    core::Operation last_operation() const {
        return core::committed(depot->ledger.read()).back().operation;
    }

    /// With "warnings" or errors, as `sluice status` asks for them.
    core::Report standing_report() {
        const core::KeyRule rule{core::provider_keys(*depot, read_keys), clock.now(), {}};
        return core::judge_standing(*depot, formats, depot->state().standing, rule);
    }

    std::string id;
};

TEST_F(KeyRule, SoundKeyIsNoMatter) {
    EXPECT_THAT(promote(id, "stage-rollout").plan.warnings, IsEmpty());
    EXPECT_THAT(last_operation().warnings, IsEmpty());
    EXPECT_THAT(standing_report(), IsEmpty());
}

TEST_F(KeyRule, RemovedOrRevokedKeyStopsAPromotionUnlessItIsWaivedByName) {
    know(ada + " revoked");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::key_revoked);
    forget();
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::unknown_key);
    waived_keys = {std::string(40, 'B')};
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::unknown_key);
    waived_keys = {"no fingerprint"};
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::unknown_key);
    waived_keys = {std::string(40, 'a')};
    promote(id, "stage-rollout");
    EXPECT_THAT(last_operation().waived_keys, ElementsAre(ada));
    EXPECT_THAT(last_operation().warnings,
                ElementsAre(HasSubstr("not in provider-keys/ any more; waived, but sites that do "
                                      "not have this key refuse them")));
}

TEST_F(KeyRule, KeyInSeveralFilesIsJudgedByAllOfThem) {
    core::write_file(depot->layout.provider_keys() / "later.asc", ada + " revoked");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::key_revoked);
    EXPECT_THAT(findings(), HasSubstr("which was revoked"));
    know(ada + " until:2026-11-22T12:00:00Z");
    core::write_file(depot->layout.provider_keys() / "later.asc", ada);
    EXPECT_THAT(standing_report(), IsEmpty());
    const core::ProviderKeys keys = core::provider_keys(*depot, read_keys);
    EXPECT_THAT(core::judge_provider_keys(keys, clock.now()), IsEmpty());
    EXPECT_THAT(promote(id, "stage-rollout").plan.warnings, IsEmpty());
}

TEST_F(KeyRule, ExpiredKeyIsWarnedOf) {
    know(ada + " until:2026-11-22T12:00:00Z");
    const core::Outcome outcome = promote(id, "stage-rollout");
    ASSERT_EQ(outcome.plan.warnings.size(), 1u);
    EXPECT_EQ(outcome.plan.warnings.front().code, core::reason::key_expired);
    EXPECT_THAT(last_operation().warnings,
                ElementsAre(HasSubstr("expired at 2026-11-22T12:00:00Z")));
    EXPECT_EQ(standing_report().front().severity, core::Severity::warning);
}

TEST_F(KeyRule, ALineMayRefuseExpiredKeys) {
    std::string text = core::read_file(depot->layout.configuration());
    text.insert(text.find("[[line]]") + 8, "\nexpired_keys = \"refuse\"");
    core::write_file(depot->layout.configuration(), text);
    reopen();
    know(ada + " until:2026-11-22T12:00:00Z");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::key_expired);
    waived_keys = {ada};
    promote(id, "stage-rollout");
}

TEST_F(KeyRule, ASubkeyIsJudgedByItselfWhereItIsWeak) {
    const std::string weak(40, 'B'), sound(40, 'C');
    const std::string both = ada + " certifies subkey:" + weak + " subkey-weak subkey:" + sound;
    const std::string by_weak = admitted("b", "1", {"b 1 x86_64 by:" + ada + "/" + weak});
    const std::string by_sound = admitted("c", "1", {"c 1 x86_64 by:" + ada + "/" + sound});
    know(both);
    EXPECT_THAT(promote(by_sound, "stage-rollout").plan.warnings, IsEmpty());
    const auto warnings = promote(by_weak, "stage-rollout").plan.warnings;
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings.front().code, core::reason::weak_signature);
    EXPECT_THAT(warnings.front().message, HasSubstr("subkey " + weak + " of key " + ada));

    const auto known = [&] {
        return core::judge_provider_keys(core::provider_keys(*depot, read_keys), clock.now());
    };
    ASSERT_EQ(known().size(), 1u);
    EXPECT_THAT(known().front().message, HasSubstr("subkey " + weak + " of key " + ada));
    EXPECT_EQ(known().front().severity, core::Severity::warning);
    know(both + " subkey-weak");
    ASSERT_EQ(known().size(), 1u);
    EXPECT_THAT(known().front().message, HasSubstr("signed by key " + ada + ", which is weak"));
    know(ada + " certifies subkey:" + weak + " subkey-weak subkey-revoked subkey:" + sound);
    EXPECT_THAT(known(), IsEmpty());
    // Another file may have it held together well.
    know(both);
    core::write_file(depot->layout.provider_keys() / "later.asc",
                     ada + " certifies subkey:" + weak);
    EXPECT_THAT(known(), IsEmpty());
}

TEST_F(KeyRule, RollbackOnlyWarnsAndRefreshNeverStops) {
    promote(id, "stage-rollout");
    know(ada + " revoked");
    const core::Outcome back = operations().rollback(std::nullopt, std::nullopt, asked);
    ASSERT_EQ(back.plan.warnings.size(), 1u);
    EXPECT_EQ(back.plan.warnings.front().code, core::reason::key_revoked);
    EXPECT_THAT(last_operation().warnings, ElementsAre(HasSubstr("which was revoked")));
    know(ada + " weak");
    const core::Outcome fresh = operations().refresh(asked);
    EXPECT_THAT(fresh.plan.warnings.front().message, HasSubstr("weak; mend it"));
}

TEST_F(KeyRule, UnsignedPackagesStayWhereSignaturesAreRequiredSinceTheyWereAdmitted) {
    const std::string open = admitted("open", "1", {"open 1 x86_64", "b 1 x86_64 by:" + ada});
    operations().reject(open, asked);
    require_signatures();
    operations().refresh(asked);
    operations().rollback(std::nullopt, std::nullopt, asked);
    EXPECT_THAT(last_operation().warnings, ElementsAre(HasSubstr("[unsigned-package]")));
    expect_unsigned(open);
    promote(id, "stage-rollout");
}

TEST_F(KeyRule, UnsignedPackagesStayAlsoAfterALossThatIsMeant) {
    const std::string open = admitted("open", "1", {"open 1 x86_64"});
    require_signatures();
    operations().refresh(asked, true);
    expect_unsigned(open);
    formats["yum"].packages_signed = false;
    promote(open, "stage-rollout");
    EXPECT_EQ(findings(), "");
}

TEST_F(KeyRule, StatusAndVerifyTellOfItUntilItIsWaived) {
    forget();
    operations().refresh(asked);
    ASSERT_EQ(standing_report().size(), 1u);
    EXPECT_EQ(standing_report().front().severity, core::Severity::error);
    EXPECT_THAT(findings(), HasSubstr("releases/a-1.json: 1 package is signed by key " + ada));
    waived_keys = {ada};
    promote(id, "stage-rollout");
    EXPECT_EQ(standing_report().front().severity, core::Severity::warning);
    EXPECT_EQ(findings(), "");
}

class SubkeyRule : public KeyRule {
  protected:
    void SetUp() override {
        know(ada);
        id = admitted("a", "1", {"a 1 x86_64 by:" + ada + "/" + sub});
        know(ada + " subkey:" + sub);
    }

    const std::string sub = std::string(40, '5');
};

TEST_F(SubkeyRule, SoundSubkeyIsNoMatter) {
    const core::Package package = depot->records.load(id).packages.front();
    EXPECT_EQ(package.signed_by, ada);
    EXPECT_EQ(package.signed_with, sub);
    EXPECT_THAT(standing_report(), IsEmpty());
    promote(id, "stage-rollout");
    EXPECT_THAT(last_operation().warnings, IsEmpty());
}

TEST_F(SubkeyRule, RemovedOrRevokedSubkeyStopsAPromotionUnlessItsKeyIsWaived) {
    know(ada + " subkey:" + std::string(40, '6'));
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::unknown_key);
    know(ada + " subkey:" + sub + " subkey-revoked");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::key_revoked);
    EXPECT_THAT(findings(), HasSubstr("signed by subkey " + sub + " of key " + ada));
    waived_keys = {ada};
    promote(id, "stage-rollout");
    EXPECT_THAT(last_operation().warnings, ElementsAre(HasSubstr("which was revoked; waived")));
}

TEST_F(SubkeyRule, RevokedInAnotherFileIsRevoked) {
    core::write_file(depot->layout.provider_keys() / "later.asc",
                     ada + " subkey:" + sub + " subkey-revoked");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::key_revoked);
}

TEST_F(SubkeyRule, ExpiredSubkeyIsWarnedOf) {
    know(ada + " subkey:" + sub + " subkey-until:2026-11-22T12:00:00Z");
    ASSERT_EQ(standing_report().size(), 1u);
    EXPECT_EQ(standing_report().front().code, core::reason::key_expired);
    know(ada + " until:2026-11-22T12:00:00Z subkey:" + sub);
    EXPECT_EQ(standing_report().front().code, core::reason::key_expired);
    promote(id, "stage-rollout");
    EXPECT_THAT(last_operation().warnings,
                ElementsAre(HasSubstr("expired at 2026-11-22T12:00:00Z")));
}

TEST_F(SubkeyRule, WithoutTheSubkeyInTheRecordAnyThatCouldHaveSignedWillDo) {
    const std::filesystem::path record = depot->layout.releases() / (id + ".json");
    std::string text = core::read_file(record);
    const std::string field = ",\"signed_with\":\"" + sub + "\"";
    text.erase(text.find(field), field.size());
    core::remove_tree(record);
    core::write_file(record, text);
    const auto told = [&](const std::string& key) {
        know(ada + key);
        const core::Report report = standing_report();
        return report.empty() ? std::string() : std::string(report.front().code);
    };
    const std::string other = " subkey:" + std::string(40, '6');
    EXPECT_EQ(told(other), "");
    EXPECT_EQ(told(" certifies" + other), "");
    EXPECT_EQ(told(" certifies" + other + " subkey-revoked"), core::reason::key_revoked);
    EXPECT_EQ(told(" certifies" + other + " subkey-until:2026-11-22T12:00:00Z"),
              core::reason::key_expired);
    EXPECT_EQ(told(" certifies" + other + " subkey-revoked subkey:" + sub), "");
    EXPECT_EQ(told(" certifies"), core::reason::unknown_key);
}

TEST_F(KeyRule, PrimaryKeyThatSignsNothingAnyMoreStillVouchesForWhatItSigned) {
    know(ada + " certifies subkey:" + std::string(40, '6'));
    EXPECT_THAT(standing_report(), IsEmpty());
}

}  // namespace
}  // namespace core_test
