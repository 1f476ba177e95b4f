// SPDX-License-Identifier: GPL-3.0-or-later
// A plan says what an operation will change, and is made from rosters or from records alike.
#include "core/work/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "core/work/release_rows.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Plan : public testing::Test, public World {
  protected:
    core::Plan planned(const std::string& release, const std::string& stage) {
        asked.dry_run = true;
        core::Plan plan = promote(release, stage).plan;
        asked.dry_run = false;
        return plan;
    }
    static const core::IndexPlan& packages(const core::Plan& plan, const std::string& path) {
        for (const core::RepositoryPlan& repository : plan.composed) {
            if (repository.repository.path() != path) continue;
            for (const core::IndexPlan& index : repository.indexes) {
                if (index.index == "packages") return index;
            }
        }
        throw std::runtime_error("not composed: " + path);
    }
    static std::vector<std::string> paths(const core::Rows& rows) {
        std::vector<std::string> result;
        for (const core::Row& row : rows) result.emplace_back(row.path);
        return result;
    }
};

TEST_F(Plan, SaysWhatIsAddedWhatLeavesAndWhatReplacesWhat) {
    const std::string old = admitted("a", "1", {"a 1 x86_64", "keep 1 x86_64"});
    promote(old, "stage-rollout");
    const std::string id = admitted("a", "2", {"a 1.10 x86_64", "new 1 x86_64"});
    const core::Plan plan = planned(id, "stage-rollout");
    const core::IndexPlan& there = packages(plan, "stage-rollout/umd5/el9/x86_64");
    EXPECT_THAT(paths(there.change.added),
                ElementsAre("files/a-1.10.x86_64", "files/new-1.x86_64"));
    EXPECT_THAT(there.replaces, ElementsAre("1", ""));
    EXPECT_THAT(there.change.removed, IsEmpty());
    EXPECT_EQ(there.change.rows.size(), 4u);
    EXPECT_THAT(paths(packages(plan, "unverified/umd5/el9/x86_64").change.removed),
                ElementsAre("files/a-1.10.x86_64", "files/new-1.x86_64"));
    ASSERT_EQ(plan.removed.size(), 2u);  // its own repositories
    EXPECT_EQ(plan.removed.front().release, id);
}

TEST_F(Plan, NamesTheNewestOfSeveralOlderVersions) {
    for (const char* version : {"1.2", "1.10", "1.9"}) {
        const std::string name = std::string("a ") + version + " x86_64";
        operations().promote({.releases = {admitted("a", version, {name})},
                              .to = "stage-rollout",
                              .allow_downgrade = true},
                             asked);
    }
    const std::string id = admitted("a", "2", {"a 2 x86_64"});
    EXPECT_THAT(packages(planned(id, "stage-rollout"), "stage-rollout/umd5/el9/x86_64").replaces,
                ElementsAre("1.10"));
}

TEST_F(Plan, SeesWhatASiteOfOneArchitectureSees) {
    const auto release = [&](const std::string& version, const std::string& architecture) {
        return admitted("a", version, {"a " + version + " " + architecture});
    };
    promote(release("2", "*"), "stage-rollout");
    const std::string older = release("1", "x86_64");
    EXPECT_REFUSED(promote(older, "stage-rollout"), core::reason::downgrade);
    const std::string newer = release("3", "x86_64");
    EXPECT_THAT(packages(planned(newer, "stage-rollout"), "stage-rollout/umd5/el9/x86_64").replaces,
                ElementsAre("2"));
    promote(newer, "stage-rollout");
    EXPECT_REFUSED(promote(release("2.5", "*"), "stage-rollout"), core::reason::downgrade);
    promote(release("2.6", "aarch64"), "stage-rollout");  // no site sees it beside that of x86_64
    EXPECT_THAT(seen("stage-rollout", "umd5/el9/aarch64"), ElementsAre("a-2.all", "a-2.6.aarch64"));
}

TEST_F(Plan, HasTheSameHashForTheSameRequestOnly) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"b 1 x86_64"});
    const core::Digest hash = planned(a, "stage-rollout").hash();
    EXPECT_EQ(planned(a, "stage-rollout").hash(), hash);
    EXPECT_NE(planned(b, "stage-rollout").hash(), hash);
    promote(b, "stage-rollout");
    EXPECT_NE(planned(a, "stage-rollout").hash(), hash) << "another state";
}

TEST_F(Plan, IsTheSameFromRostersAndFromRecords) {
    const std::string a = admitted("a", "1", {"a 1 x86_64", "doc 1 *"});
    admitted("b", "1", {"b 1 x86_64", "doc 1 *"});
    const core::Digest hash = planned(a, "stage-rollout").hash();
    core::remove_tree(depot->layout.fragments());
    EXPECT_EQ(planned(a, "stage-rollout").hash(), hash);
    const core::State state = depot->state();
    const core::RepositoryRows rows(*depot, formats, state);
    for (const auto& [path, published] : state.repositories) {
        EXPECT_EQ(rows.of(published.repository), rows.from_records(published.repository)) << path;
    }
}

TEST_F(Plan, CountsAllThatARepositoryPublishesWhichIsMadeAnew) {
    promote(admitted("a", "1", {"a 1 x86_64", "doc 1 *"}), "stage-rollout");
    const auto configure = [&](const std::string& architectures) {
        std::string text = plain_configuration();
        const std::string both = "\"x86_64\", \"aarch64\"";
        text.replace(text.find(both), both.size(), architectures);
        core::write_file(depot->layout.configuration(), text);
        reopen();
    };
    configure("\"x86_64\"");
    operations().refresh(asked);
    configure("\"x86_64\", \"aarch64\"");
    asked.dry_run = true;
    const core::Plan plan = operations().refresh(asked).plan;
    asked.dry_run = false;
    const core::IndexPlan& again = packages(plan, "stage-rollout/umd5/el9/aarch64");
    EXPECT_THAT(paths(again.change.added), ElementsAre("files/doc-1.all"));
    EXPECT_THAT(again.replaces, ElementsAre(""));
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Plan, OfAReleaseForAPlatformThatIsGoneIsRefused) {
    const std::string id = admitted("a", "1", {"debian12/ a 1 amd64"});
    std::string text = plain_configuration();
    text.resize(text.rfind("[[platform]]"));
    core::write_file(depot->layout.configuration(), text);
    reopen();
    EXPECT_THROW(promote(id, "stage-rollout"), core::Error);
    operations().reject(id, asked);
    EXPECT_EQ(standing(), core::Standing());
}

}  // namespace
}  // namespace core_test
