// SPDX-License-Identifier: GPL-3.0-or-later
// A change of the configuration is told once, and carried out by the next commit as a whole; or it
// would strand something and is refused by name. The table in core/README.md is tested cell by
// cell.
#include "core/configuration_change.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/reason.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::Standing;
using std::chrono::hours;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string stages = R"(
[[stage]]
name = "unverified"
entry = true
rejectable = true
[[stage]]
name = "stage-rollout"
from = ["unverified"]
rejectable = true
[[stage]]
name = "production"
from = ["stage-rollout"]
emergency_from = ["unverified"]
enabled = true
[[stage]]
name = "deprecated"
from = ["production"]
archive = true
)";

class ConfigurationChange : public testing::Test, public World {
  protected:
    ConfigurationChange() : World(plain_configuration() + stages) {}

    void configure(const std::string& text) {
        core::write_file(depot->layout.configuration(), text);
        reopen();
    }

    static std::string replaced(std::string text, const std::string& what,
                                const std::string& with) {
        const auto at = text.find(what);
        if (at == std::string::npos) throw std::logic_error("not there: " + what);
        return text.replace(at, what.size(), with);
    }

    /// Without the table that begins with `name`.
    static std::string without(std::string text, const std::string& name) {
        const auto begin = text.rfind("[[", text.find("name = \"" + name + "\""));
        const auto end = text.find("[[", begin + 2);
        return text.erase(begin, end == std::string::npos ? end : end - begin);
    }

    std::string error_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const core::Refused& refused) {
            return std::string("refused: ") + refused.what();
        } catch (const core::Error& error) {
            return error.what();
        }
        return "no error";
    }

    const std::string whole = plain_configuration() + stages;
};

TEST_F(ConfigurationChange, IsToldOnceAndCarriedOutByTheNextCommitAsAWhole) {
    admitted("a", "1", {"a 1 x86_64", "doc 1 *"});
    struct Case {
        std::string text;
        std::string told;  // empty: it takes effect without a commit
    };
    const std::string el9 = "architectures = [\"x86_64\", \"aarch64\"]";
    const Case cases[] = {
        {"origin = \"umd\"\n" + whole, "origin was \"sluice\", is \"umd\""},
        {whole, "origin was \"umd\", is \"sluice\""},
        {"public_url = \"https://a.org\"\n" + whole, "public_url was \"\", is \"https://a.org\""},
        {"public_url = \"https://b.org\"\n" + whole,
         "public_url was \"https://a.org\", is \"https://b.org\""},
        {whole, "public_url was \"https://b.org\", is \"\""},
        {replaced(whole, "name = \"umd4\"", "name = \"umd4\"\ntitle = \"UMD 4\""),
         "line umd4: title was \"umd4\", is \"UMD 4\""},
        {whole, "line umd4: title was \"UMD 4\", is \"umd4\""},
        {replaced(whole, "name = \"umd4\"\nsignatures = \"allow-unsigned\"", "name = \"umd4\""),
         "line umd4: signatures required was \"false\", is \"true\""},
        {whole, "line umd4: signatures required was \"true\", is \"false\""},
        {whole + "[[line]]\nname = \"umd6\"\n", "line umd6 is new"},
        {whole, "line umd6 is gone"},
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
        {whole + "[[stage]]\nname = \"testing\"\nfrom = [\"unverified\"]\n",
         "stage testing is new"},
        {whole, "stage testing is gone"},
        {replaced(whole, "enabled = true\n", ""),
         "stage production: enabled was \"true\", is \"false\""},
        {whole, "stage production: enabled was \"false\", is \"true\""},
        {replaced(whole, "aliases = [\"SL9\"]", "aliases = []"), ""},
        {replaced(whole, "dist_tags = [\".el9\"]", "dist_tags = []"), ""},
        {replaced(whole, "from = [\"stage-rollout\"]", "from = [\"unverified\"]"), ""},
        {"valid_days = 7\n" + whole, ""},
    };
    int number = 0;
    for (const auto& [text, told] : cases) {
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

TEST_F(ConfigurationChange, ThatWouldStrandSomethingIsRefusedByName) {
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
                  "line umd4 is gone, but what stands needs it: old-1@umd4"},
             Case{without(whole, "debian12"),
                  "platform debian12 is gone, but what stands needs it: both-1 (production)"},
             Case{replaced(whole, ", \"aarch64\"", ""),
                  "platform el9 has no place for aarch64 any more, but what stands needs it: arm-1 "
                  "(unverified)"},
             Case{replaced(whole, "format = \"yum\"", "format = \"apt\""),
                  "platform el9 was of the format yum, is of apt"},
             Case{replaced(replaced(whole, "name = \"production\"", "name = \"released\""),
                           "from = [\"production\"]", "from = [\"released\"]"),
                  "stage production is gone, but what stands needs it: both-1 (production)"},
             Case{replaced(whole, "signatures = \"allow-unsigned\"", ""),
                  "line umd5 requires signatures now, but what stands needs it: arm-1"},
         }) {
        SCOPED_TRACE(told);
        formats["apt"] = {&backend, &inspector, "other", true, "*"};
        configure(text);
        EXPECT_THAT(error_of([&] { operations().refresh(asked); }),
                    AllOf(testing::Not(testing::StartsWith("refused")), HasSubstr("sluice.toml: "),
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

TEST_F(ConfigurationChange, IsPossibleByTheOperationThatTakesAwayWhatStoodInItsWay) {
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

TEST_F(ConfigurationChange, WithLossesIsCarriedOutIfItIsMeant) {
    const std::string id = admitted("a", "1", {"a 1 x86_64", "a 1 aarch64", "doc 1 *"});
    const std::string all = admitted("b", "1", {"b 1 aarch64"});
    configure(replaced(whole, ", \"aarch64\"", ""));
    EXPECT_THAT(error_of([&] { operations().refresh(asked, true); }),
                AllOf(HasSubstr("b-1 (unverified)"), testing::Not(HasSubstr("a-1"))))
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

TEST_F(ConfigurationChange, TakesTheArchiveAlong) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"}, "umd4");
    promote(id, "stage-rollout");
    promote(id, "production");
    operations().deprecate(id, asked);
    configure(without(whole, "umd4"));
    operations().refresh(asked);
    EXPECT_FALSE(depot->state().repositories.contains("deprecated/umd4/el9/x86_64"));
    EXPECT_EQ(findings(), "");
    configure(whole);
    operations().refresh(asked);
    EXPECT_THAT(seen("deprecated", "umd4/el9/x86_64"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, OfTheStageOfEntryTakesTheRepositoriesOfSingleReleasesAlong) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    promote(b, "stage-rollout");
    configure(replaced(replaced(whole, "entry = true\n", ""),
                       "name = \"stage-rollout\"\nfrom = [\"unverified\"]",
                       "name = \"stage-rollout\"\nentry = true"));
    operations().refresh(asked);
    EXPECT_FALSE(depot->state().repositories.contains("unverified/umd5/releases/a-1/el9/x86_64"));
    EXPECT_THAT(seen("stage-rollout", "umd5/releases/b-1/el9/x86_64"), ElementsAre("b-1.x86_64"));
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
