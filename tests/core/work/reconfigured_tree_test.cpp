// SPDX-License-Identifier: GPL-3.0-or-later
// What a change of the configuration does to the public tree: the archive, the repositories of
// single releases, places of packages, links of mirror lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "tests/core/work/reconfigured_depot.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

/// As apt does: a package whose name begins with a component's asks for it.
class ComponentReader : public PlainReader {
  public:
    core::Inspection read(core::File file, const core::Digest& digest,
                          const core::InspectionRule& rule) const override {
        core::Inspection inspection = PlainReader::read(std::move(file), digest, rule);
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

class ReconfiguredTree : public ReconfiguredDepot {
  protected:
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
        cells = &component_cells_;
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

    const std::string with_another_entry = replaced(
        replaced(whole, "entry = true\n", ""), "name = \"stage-rollout\"\nfrom = [\"unverified\"]",
        "name = \"stage-rollout\"\nentry = true");

  private:
    ChoosingBackend choosing_{calls};
    const ComponentReader by_component_;
    const core::Cells component_cells_{{{"plain", core::reading_task(by_component_)}}};
};

TEST_F(ReconfiguredTree, TakesTheArchiveAlong) {
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

TEST_F(ReconfiguredTree, OfTheStageOfEntryTakesTheRepositoriesOfSingleReleasesAlong) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    promote(b, "stage-rollout");
    configure(with_another_entry);
    operations().refresh(asked);
    EXPECT_FALSE(depot->state().repositories.contains("unverified/umd5/releases/a-1/el9/x86_64"));
    EXPECT_THAT(seen("stage-rollout", "umd5/releases/b-1/el9/x86_64"), ElementsAre("b-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(ReconfiguredTree, ThatIsTakenBackOpensTheRepositoriesOfSingleReleasesAgain) {
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

TEST_F(ReconfiguredTree, OfTheStageOfEntryIsCarriedOutByAnAdmissionToo) {
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

TEST_F(ReconfiguredTree, OfComponentsMovesThePackagesThatAskForOne) {
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

TEST_F(ReconfiguredTree, OfATreeFor32BitPackagesMovesThem) {
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

TEST_F(ReconfiguredTree, OfThePublicUrlTakesTheLinksOfMirrorListsAlong) {
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

}  // namespace
}  // namespace core_test
