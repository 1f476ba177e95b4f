// SPDX-License-Identifier: GPL-3.0-or-later
// A change of the configuration is told once, and carried out by the next commit as a whole; or it
// would strand something and is refused by name. The table in core/README.md is tested cell by
// cell.
#include "core/work/configuration_change.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
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
using testing::Not;
using testing::UnorderedElementsAre;

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

/// As apt does: a package whose name begins with a component's asks for it.
class ComponentInspector : public PlainInspector {
  public:
    core::Inspection inspect(const fs::path& file, const core::Digest& digest) const override {
        core::Inspection inspection = PlainInspector::inspect(file, digest);
        const std::string& name = inspection.package.name;
        inspection.package.component = name.substr(0, name.find('-'));
        return inspection;
    }
};

/// Has an index for each component, as apt does, and 32-bit packages in the tree of x86_64 unless
/// they have one, as yum does.
class ChoosingBackend : public PlainBackend {
  public:
    using PlainBackend::PlainBackend;

    std::vector<core::Section> sections(const core::Platform& platform,
                                        const core::Package* package) const override {
        core::Package placed = package == nullptr ? core::Package() : *package;
        if (placed.architecture == "i686" && !lists(platform.architectures, "i686")) {
            placed.architecture = "x86_64";
        }
        std::vector<core::Section> sections =
            PlainBackend::sections(platform, package == nullptr ? nullptr : &placed);
        const auto is_other = [&](const std::string& component) {
            return component != "main" && lists(platform.components, component);
        };
        if (package != nullptr && is_other(placed.component)) {
            for (core::Section& section : sections) section.index = placed.component;
        }
        if (package != nullptr) return sections;
        for (const std::string& architecture : platform.architectures) {
            for (const std::string& component : platform.components) {
                if (is_other(component)) sections.push_back({architecture, component});
            }
        }
        return sections;
    }

  private:
    static bool lists(const std::vector<std::string>& all, const std::string& name) {
        return std::ranges::find(all, name) != all.end();
    }
};

class ConfigurationChange : public testing::Test, public World {
  protected:
    ConfigurationChange() : World(plain_configuration() + stages) {}

    /// What an index of a tree of el9 names: "index file".
    std::vector<std::string> placed(const std::string& tree) const {
        const fs::path index = published("unverified/umd5/el9/" + tree + "/index");
        const std::string list = core::split(core::read_file(index / "root"), "\n").front();
        std::vector<std::string> found;
        for (const std::string& line : core::split(core::read_file(index / list), "\n")) {
            const auto words = core::split(line, " ");
            if (words.size() == 3 && words[0] != "notes") {
                found.push_back(words[0] + " " + words[1].substr(words[1].rfind('/') + 1));
            }
        }
        return found;
    }

    /// The repositories that a release has for itself.
    std::vector<std::string> own_repositories(const std::string& release) const {
        std::vector<std::string> paths;
        for (const auto& [path, published] : depot->state().repositories) {
            if (published.repository.release == release) paths.push_back(path);
        }
        return paths;
    }

    void choose_places() {
        formats["yum"].backend = &choosing_;
        formats["yum"].inspector = &by_component_;
    }

    /// Carried out by a commit, and sound before and after a gc.
    void carry_out(const std::string& text) {
        configure(text);
        operations().refresh(asked);
        EXPECT_EQ(findings(), "");
        clock.time += hours(200);
        operations().refresh(asked);
        gc();
        EXPECT_EQ(findings(), "");
    }

    /// As `sluice status` asks for them.
    core::ConfigurationFindings told() {
        const core::ProviderKeys keys = core::provider_keys(*depot, read_keys);
        return core::configuration_findings(*depot, formats, depot->state(), &keys);
    }

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

    const std::string whole = plain_configuration() + stages;
    const std::string el9 = "architectures = [\"x86_64\", \"aarch64\"]";
    const std::string with_another_entry = replaced(
        replaced(whole, "entry = true\n", ""), "name = \"stage-rollout\"\nfrom = [\"unverified\"]",
        "name = \"stage-rollout\"\nentry = true");

  private:
    ChoosingBackend choosing_{calls};
    ComponentInspector by_component_;
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

TEST_F(ConfigurationChange, OffersALossOnlyWhereItWouldNotBeRefusedAllTheSame) {
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

TEST_F(ConfigurationChange, TellsWhatIsLostIfThatIsAllowedAndKeepsItInTheLedger) {
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

TEST_F(ConfigurationChange, ThatIsRefusedNamesTheFirstFewReleasesAndPackages) {
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

TEST_F(ConfigurationChange, ToRequiredSignaturesTellsWhatCanBeDone) {
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
    configure(with_another_entry);
    operations().refresh(asked);
    EXPECT_FALSE(depot->state().repositories.contains("unverified/umd5/releases/a-1/el9/x86_64"));
    EXPECT_THAT(seen("stage-rollout", "umd5/releases/b-1/el9/x86_64"), ElementsAre("b-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, ThatIsTakenBackOpensTheRepositoriesOfSingleReleasesAgain) {
    const std::string id = admitted("a", "1", {"a 1 x86_64", "doc 1 *", "debian12/ a 1 amd64"});
    const auto all = own_repositories(id);
    EXPECT_EQ(all.size(), 3u);
    const auto refresh = [&] { operations().refresh(asked, true); };
    int number = 0;
    const auto admit_another = [&] {
        const std::string version = std::to_string(++number);
        admitted("next", version, {"next " + version + " x86_64"});
    };
    for (const std::string& other :
         {replaced(whole, ", \"aarch64\"", ""), without(whole, "debian12"), with_another_entry}) {
        for (const std::function<void()>& commit :
             {std::function<void()>(refresh), {admit_another}}) {
            SCOPED_TRACE(other);
            configure(other);
            refresh();
            EXPECT_LT(own_repositories(id).size(), all.size());
            configure(whole);
            commit();
            EXPECT_EQ(own_repositories(id), all);
            EXPECT_EQ(findings(), "");
        }
    }
    EXPECT_THAT(seen("unverified", "umd5/releases/a-1/el9/aarch64"), ElementsAre("doc-1.all"));
}

TEST_F(ConfigurationChange, OfTheStageOfEntryIsCarriedOutByAnAdmissionToo) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    promote(b, "stage-rollout");
    configure(with_another_entry);
    const std::string c = admitted("c", "1", {"c 1 x86_64"});
    EXPECT_THAT(own_repositories(a), IsEmpty());
    for (const std::string& id : {b, c}) {
        const std::string name = id.substr(0, 1) + "-1.x86_64";
        EXPECT_THAT(seen("stage-rollout", "umd5/releases/" + id + "/el9/x86_64"),
                    ElementsAre(name));
    }
    EXPECT_EQ(findings(), "");
}

TEST_F(ConfigurationChange, OfComponentsMovesThePackagesThatAskForOne) {
    choose_places();
    admitted("a", "1", {"a 1 x86_64", "extra-tool 1 x86_64", "extra-doc 1 *"});
    const auto all_in_the_first = ElementsAre("packages a-1.x86_64", "packages extra-doc-1.all",
                                              "packages extra-tool-1.x86_64");
    EXPECT_THAT(placed("x86_64"), all_in_the_first);
    const std::string with_extra =
        replaced(whole, "dist_tags = [\".el9\"]",
                 "dist_tags = [\".el9\"]\ncomponents = [\"main\", \"extra\"]");
    carry_out(with_extra);
    EXPECT_THAT(placed("x86_64"), ElementsAre("extra extra-doc-1.all", "extra extra-tool-1.x86_64",
                                              "packages a-1.x86_64"));
    EXPECT_THAT(placed("aarch64"), ElementsAre("extra extra-doc-1.all"));
    carry_out(whole);
    EXPECT_THAT(placed("x86_64"), all_in_the_first);
}

TEST_F(ConfigurationChange, OfATreeFor32BitPackagesMovesThem) {
    choose_places();
    admitted("a", "1", {"a 1 x86_64", "a 1 i686", "doc 1 *"});
    const auto together =
        ElementsAre("packages a-1.i686", "packages a-1.x86_64", "packages doc-1.all");
    EXPECT_THAT(placed("x86_64"), together);
    carry_out(replaced(whole, "[\"x86_64\", ", "[\"x86_64\", \"i686\", "));
    EXPECT_THAT(placed("x86_64"), ElementsAre("packages a-1.x86_64", "packages doc-1.all"));
    EXPECT_THAT(placed("i686"), ElementsAre("packages a-1.i686", "packages doc-1.all"));
    EXPECT_FALSE(fs::exists(published("unverified/umd5/el9/x86_64/files/a-1.i686")));
    carry_out(whole);
    EXPECT_THAT(placed("x86_64"), together);
    EXPECT_FALSE(fs::exists(published("unverified/umd5/el9/i686")));
}

TEST_F(ConfigurationChange, OfMovesJudgesThemFromNowOn) {
    const auto urgent =
        operations().admit(bundle("u", "1", {"u 1 x86_64"}), {}, true, scratch->directory(), asked);
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

TEST_F(ConfigurationChange, OfThePublicUrlTakesTheLinksOfMirrorListsAlong) {
    admitted("a", "1", {"a 1 x86_64"});
    const std::string own = "unverified/umd5/releases/a-1/el9/x86_64";
    const fs::path link = published(own + "/mirrorlist");
    const auto is_there = [&] { return fs::is_symlink(fs::symlink_status(link)); };
    configure("public_url = \"https://a.org\"\n" + whole);
    operations().refresh(asked);
    EXPECT_TRUE(fs::exists(link));
    const fs::path target = fs::read_symlink(link);
    configure(whole);
    signer.sound = false;
    EXPECT_THROW(operations().refresh(asked), core::Error);
    EXPECT_TRUE(fs::exists(link)) << "as before";
    signer.sound = true;
    admitted("b", "1", {"b 1 x86_64"});
    EXPECT_FALSE(is_there());
    EXPECT_EQ(findings(), "");

    const std::vector<std::function<void()>> mend{[&] { operations().refresh(asked); },
                                                  [&] { gc(); }};
    for (const auto& command : mend) {
        fs::create_symlink(target, link);  // as a commit of before left it
        EXPECT_EQ(findings(),
                  "public/" + own + "/mirrorlist: leads nowhere; `sluice refresh` mends it\n");
        command();
        EXPECT_FALSE(is_there());
        EXPECT_EQ(findings(), "");
    }
    fs::create_symlink("../anything", link);  // a person's
    operations().refresh(asked);
    gc();
    EXPECT_EQ(findings(), "public/" + own + "/mirrorlist: does not belong there\n");
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

TEST_F(ConfigurationChange, OfAStageIsRefusedAlsoWhereLossesAreMeant) {
    promote(admitted("a", "1", {"a 1 x86_64"}), "stage-rollout");
    configure(replaced(without(whole, "stage-rollout"), "from = [\"stage-rollout\"]", "from = []"));
    EXPECT_THAT(error_of([&] { operations().refresh(asked, true); }),
                HasSubstr("stage stage-rollout is gone, but what stands needs it: a-1"));
    EXPECT_THAT(error_of([&] { operations().refresh(asked); }), Not(HasSubstr("--allow-loss")));
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
