// SPDX-License-Identifier: GPL-3.0-or-later
// What a commit makes of the public tree: dates, keys, links, and no more than what changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Publication : public testing::Test, public World {};

TEST_F(Publication, RefreshGivesNewDatesAndANewKeyInOneStep) {
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

TEST_F(Publication, APromotionTouchesOnlyTheRepositoriesItChanges) {
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

TEST_F(Publication, SupersededMetadataStaysForItsGraceTime) {
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

TEST_F(Publication, MetadataOfAnEarlierTimeIsNeverPublished) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const auto before = everything();
    clock.time -= hours(1);
    EXPECT_THROW(promote(id, "stage-rollout"), core::Error);
    EXPECT_EQ(everything(), before);
    clock.time += hours(1) - std::chrono::seconds(3);  // an adjusted clock
    EXPECT_EQ(promote(id, "stage-rollout").state.date, clock.time + std::chrono::seconds(3));
}

TEST_F(Publication, ADamagedOrDeletedCacheIsOnlySlower) {
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

TEST_F(Publication, ANewPlatformIsPublishedByTheNextOperation) {
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

TEST_F(Publication, ARemovedPlatformLeavesTheTree) {
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

TEST(PublicationWithAPublicUrl, EveryRepositoryHasAMirrorListThatNamesItsGeneration) {
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

TEST(PublicationWithAPublicUrl, CanBeginLate) {
    World world;
    core::write_file(world.depot->layout.configuration(),
                     plain_configuration("public_url = \"https://repo.example.org\"\n"));
    world.reopen();
    world.admitted("a", "1", {"a 1 x86_64"});  // composes a few repositories only
    EXPECT_EQ(world.findings(), "");
}

TEST_F(Publication, ClientFilesComeAndGoWithTheirRepositories) {
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
