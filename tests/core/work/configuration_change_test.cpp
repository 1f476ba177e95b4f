// SPDX-License-Identifier: GPL-3.0-or-later
// A change of the configuration is told once, and carried out by the next commit as a whole. The
// table in core/work/README.md is tested cell by cell, here and in the two files beside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/work/reconfigured_depot.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::Standing;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigurationChange : public ReconfiguredDepot {
  protected:
    struct Change {
        std::string text;
        std::string told;  // empty: it takes effect without a commit
    };

    /// Each is told once, and the next commit carries it out as a whole.
    void are_told_and_carried_out(const std::vector<Change>& changes) {
        admitted("a", "1", {"a 1 x86_64", "doc 1 *"});
        int number = 0;
        for (const auto& [text, told] : changes) {
            SCOPED_TRACE(told);
            configure(text);
            const std::string found = findings();
            EXPECT_THAT(found, HasSubstr(told));
            EXPECT_EQ(std::ranges::count(found, '\n'), told.empty() ? 0 : 1) << found;
            const std::string version = std::to_string(++number);
            admitted("next", version, {"debian12/ next " + version + " amd64"});
            EXPECT_EQ(findings(), "");
        }
        EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64", "doc-1.all"));
    }
};

TEST_F(ConfigurationChange, OfTheOriginOrTheAddressIsToldOnceAndCarriedOut) {
    are_told_and_carried_out({
        {"origin = \"umd\"\n" + whole, "origin was \"sluice\", is \"umd\""},
        {whole, "origin was \"umd\", is \"sluice\""},
        {"public_url = \"https://a.org\"\n" + whole, "public_url was \"\", is \"https://a.org\""},
        {"public_url = \"https://b.org\"\n" + whole,
         "public_url was \"https://a.org\", is \"https://b.org\""},
        {whole, "public_url was \"https://b.org\", is \"\""},
    });
}

TEST_F(ConfigurationChange, OfALineIsToldOnceAndCarriedOut) {
    are_told_and_carried_out({
        {replaced(whole, "name = \"umd4\"", "name = \"umd4\"\ntitle = \"UMD 4\""),
         "line umd4: title was \"umd4\", is \"UMD 4\""},
        {whole, "line umd4: title was \"UMD 4\", is \"umd4\""},
        {replaced(whole, "name = \"umd4\"\nsignatures = \"allow-unsigned\"", "name = \"umd4\""),
         "line umd4: signatures required was \"false\", is \"true\""},
        {whole, "line umd4: signatures required was \"true\", is \"false\""},
        {whole + "[[line]]\nname = \"umd6\"\n", "line umd6 is new"},
        {whole, "line umd6 is gone"},
    });
}

TEST_F(ConfigurationChange, OfAPlatformIsToldOnceAndCarriedOut) {
    are_told_and_carried_out({
        {whole + "[[platform]]\nname = \"el10\"\nformat = \"yum\"\narchitectures = [\"x86_64\"]\n",
         "platform el10 is new"},
        {whole, "platform el10 is gone"},
        {replaced(whole, el9, "architectures = [\"x86_64\", \"aarch64\", \"s390x\"]"),
         "platform el9: architectures was \"x86_64, aarch64\", is \"x86_64, aarch64, s390x\""},
        {whole, "platform el9: architectures was \"x86_64, aarch64, s390x\", is "},
        {replaced(whole, el9, el9 + "\ncomponents = [\"main\", \"extra\"]"),
         "platform el9: components was \"main\", is \"main, extra\""},
        {whole, "platform el9: components was \"main, extra\", is \"main\""},
        {replaced(whole, el9, el9 + "\nxz = true"), "platform el9: xz was \"false\", is \"true\""},
        {whole, "platform el9: xz was \"true\", is \"false\""},
        {replaced(whole, el9, el9 + "\ncontents = true"),
         "platform el9: contents was \"false\", is \"true\""},
        {whole, "platform el9: contents was \"true\", is \"false\""},
    });
}

TEST_F(ConfigurationChange, OfAStageIsToldOnceAndCarriedOut) {
    are_told_and_carried_out({
        {whole + "[[stage]]\nname = \"testing\"\nfrom = [\"unverified\"]\n",
         "stage testing is new"},
        {whole, "stage testing is gone"},
        {replaced(whole, "enabled = true\n", ""),
         "stage production: enabled was \"true\", is \"false\""},
        {whole, "stage production: enabled was \"false\", is \"true\""},
    });
}

TEST_F(ConfigurationChange, ThatNeedsNoCommitIsNotTold) {
    are_told_and_carried_out({
        {replaced(whole, "aliases = [\"SL9\"]", "aliases = []"), ""},
        {replaced(whole, "dist_tags = [\".el9\"]", "dist_tags = []"), ""},
        {replaced(whole, "from = [\"stage-rollout\"]", "from = [\"unverified\"]"), ""},
        {replaced(whole, el9, "architectures = [\"aarch64\", \"x86_64\"]"),
         "platform el9: architectures was \"x86_64, aarch64\", is \"aarch64, x86_64\""},
        {whole, "platform el9: architectures was \"aarch64, x86_64\", is \"x86_64, aarch64\""},
        {replaced(whole, "emergency_from = [\"unverified\"]\n", ""), ""},
        {replaced(whole, "rejectable = true\n", ""), ""},
        {"keep = {generations_hours = 1, metadata_hours = 1, packages_hours = 1}\n" + whole, ""},
        {"valid_days = 7\n" + whole, ""},
    });
}

TEST_F(ConfigurationChange, IsToldToStatusAsRefusedOrAsDue) {
    admitted("a", "1", {"a 1 x86_64"}, "umd4");
    EXPECT_THAT(told().due, IsEmpty());
    configure("signing.key = \"NEXT\"\n" + whole + "[[line]]\nname = \"umd6\"\n");
    core::write_file(depot->layout.provider_keys() / "bob.asc", std::string(40, 'B'));
    EXPECT_THAT(told().refused, IsEmpty());
    EXPECT_THAT(told().due,
                ElementsAre("line umd6 is new" + std::string(core::is_due),
                            "signing.key was \"\", is \"NEXT\"" + std::string(core::is_due),
                            "provider key bob.asc is new" + std::string(core::is_due)));
    operations().refresh(asked);
    EXPECT_THAT(told().due, IsEmpty());
    configure(without(whole, "umd4"));
    EXPECT_THAT(told().refused, ElementsAre(HasSubstr("line umd4 is gone")));
    EXPECT_THAT(told().due, IsEmpty());
}

TEST_F(ConfigurationChange, IsToldByThePlanAndKeptInTheLedgerOfTheCommitThatCarriesItOut) {
    const auto kept = [&] {
        return core::committed(depot->ledger.read()).back().operation.configuration_changes;
    };
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    EXPECT_THAT(kept(), IsEmpty());
    core::write_file(depot->layout.provider_keys() / "bob.asc", std::string(40, 'B'));
    configure(whole + "[[line]]\nname = \"umd6\"\n");
    const auto changes = ElementsAre("line umd6 is new", "provider key bob.asc is new");
    asked.dry_run = true;
    const core::Plan plan = promote(id, "stage-rollout").plan;
    EXPECT_THAT(plan.operation.configuration_changes, changes);
    core::write_file(depot->layout.provider_keys() / "bob.asc", std::string(40, 'C'));
    core::write_file(depot->layout.provider_keys() / "cid.asc", std::string(40, 'D'));
    EXPECT_NE(promote(id, "stage-rollout").plan.hash(), plan.hash());
    core::remove_tree(depot->layout.provider_keys() / "cid.asc");
    asked.dry_run = false;
    promote(id, "stage-rollout");
    EXPECT_THAT(kept(), changes);
    operations().refresh(asked);
    EXPECT_THAT(kept(), IsEmpty());
    configure(whole);
    admitted("b", "1", {"b 1 x86_64"});
    EXPECT_THAT(kept(), ElementsAre("line umd6 is gone"));
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, TakesABoundedPlaceInTheLedger) {
    auto& lines = depot->configuration.lines;
    lines.front().title.clear();
    for (int i = 0; i < 1000; ++i) lines.front().title += "\xc3\xa9";
    for (int i = 0; i < 60; ++i) lines.emplace_back().name = "l" + std::to_string(i);
    const auto changes = core::pending_changes(*depot, depot->state(), nullptr);
    ASSERT_EQ(changes.size(), 51u);
    EXPECT_TRUE(core::valid_utf8(changes.front()));
    EXPECT_LT(changes.front().size(), 310u);
    EXPECT_EQ(changes.back(), "11 more changes");
}

TEST_F(ConfigurationChange, OfMovesJudgesThemFromNowOn) {
    const auto urgent =
        operations().admit(bundle("u", "1", {"u 1 x86_64"}), {.emergency = true}, asked);
    const std::string id = urgent.release.id;
    const std::string other = admitted("a", "1", {"a 1 x86_64"});
    const auto generation = depot->state().generation;
    configure(replaced(replaced(whole, "emergency_from = [\"unverified\"]\n", ""),
                       "entry = true\nrejectable = true", "entry = true"));
    EXPECT_EQ(findings(), "");
    EXPECT_REFUSED(promote(id, "production"), core::reason::wrong_stage);
    EXPECT_REFUSED(operations().reject(other, asked), core::reason::wrong_stage);
    configure(whole);
    EXPECT_EQ(depot->state().generation, generation);
    promote(id, "production");
    operations().reject(other, asked);
    EXPECT_EQ(standing(), (Standing{{id, "production"}}));
}

TEST_F(ConfigurationChange, OfTheArchiveIsWhereReleasesGoFromNowOn) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    promote(id, "stage-rollout");
    promote(id, "production");
    configure(replaced(whole, "archive = true\n", "") +
              "[[stage]]\nname = \"attic\"\nfrom = [\"production\"]\narchive = true\n");
    EXPECT_THAT(findings(), HasSubstr("stage deprecated: archive was \"true\", is \"false\""));
    operations().deprecate(id, asked);
    EXPECT_EQ(standing(), (Standing{{id, "attic"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, OfGraceTimesIsSeenAtTheNextGc) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    promote(id, "stage-rollout");
    const fs::path package = published("unverified/umd5/el9/x86_64/files/a-1.x86_64");
    const fs::path first = depot->layout.generation(1) / "state.json";
    const auto lists = [&] {  // and the two links
        return core::names_below(published("unverified/umd5/el9/x86_64/index")).size() - 2;
    };
    clock.time += hours(2);
    operations().refresh(asked);
    gc();
    EXPECT_TRUE(fs::exists(package) && fs::exists(first));
    EXPECT_EQ(lists(), 2u);
    configure("keep = {generations_hours = 1, metadata_hours = 1, packages_hours = 1}\n" + whole);
    gc();
    EXPECT_FALSE(fs::exists(package) || fs::exists(first));
    EXPECT_EQ(lists(), 1u);
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, OfTheSigningKeySignsEverythingAnewAtTheNextCommit) {
    configure("signing.key = \"NEXT\"\n" + whole);
    signer.key = "NEXT";
    admitted("a", "1", {"a 1 x86_64"});
    EXPECT_THAT(core::read_file(published("production/umd4/el9/x86_64/index/root.sig")),
                testing::StartsWith("NEXT "));
    EXPECT_EQ(findings(), "");
}

}  // namespace
}  // namespace core_test
