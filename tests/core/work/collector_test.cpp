// SPDX-License-Identifier: GPL-3.0-or-later
// What is collected, when, and what never is.
#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/cache_files.hpp"
#include "tests/core/faults.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using testing::ElementsAre;

class Collector : public testing::Test, public World {
  protected:
    Collector() : World(plain_configuration("valid_days = 10000\n")) {}
    std::size_t generations() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry :
             fs::directory_iterator(depot->layout.generations()))
            ++count;
        return count;
    }
    fs::path package(const std::string& stage) const {
        return published(stage + "/umd5/el9/x86_64/files/a-1.x86_64");
    }
};

TEST_F(Collector, KeepsAGenerationForItsGraceTimeAfterItsSuccessorCame) {
    clock.time += hours(1000);
    admitted("a", "1", {"a 1 x86_64"});  // generation 1 was in use until now
    clock.time += hours(71);
    EXPECT_EQ(gc().generations, 0u);
    clock.time += hours(1);
    EXPECT_EQ(gc(true).generations, 1u);
    EXPECT_EQ(generations(), 2u) << "it was a dry run";
    EXPECT_EQ(gc().generations, 1u);
    EXPECT_FALSE(fs::exists(depot->layout.generation(1) / "state.json"));
    EXPECT_FALSE(fs::exists(depot->layout.generation(1) / "unverified/umd5/el9/x86_64"));
    EXPECT_TRUE(fs::exists(depot->layout.generation(1) / "production")) << "the next leads there";
    EXPECT_EQ(findings(), "");
    clock.time += hours(100000);
    EXPECT_EQ(gc().generations, 0u) << "the current one stays for ever";
    EXPECT_EQ(findings(), "");
    operations().refresh(asked);
    clock.time += hours(72);
    EXPECT_EQ(gc().generations, 1u);
    EXPECT_EQ(generations(), 1u);
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, LeavesNoHalfOfAGenerationWhereverItFails) {
    for (int i = 0; i < 12; ++i) operations().refresh(asked);
    clock.time += hours(1000);
    for (int removed = 0;; ++removed) {
        SCOPED_TRACE(removed);
        const Fault fault("unlinkat", "", EIO, 1, removed);
        try {
            gc();
            break;
        } catch (const core::Error&) {
            reopen();
            ASSERT_EQ(findings(), "");
        }
    }
    EXPECT_EQ(generations(), 1u);
}

TEST_F(Collector, KeepsAPackageForItsGraceTimeAfterItLeft) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    clock.time += hours(1000);
    EXPECT_EQ(gc().packages, 0u) << "it is named";
    promote(id, "stage-rollout");
    clock.time += hours(167);
    EXPECT_EQ(gc().packages, 0u);
    EXPECT_TRUE(fs::exists(package("unverified")));
    clock.time += hours(1);
    const auto collected = gc();
    EXPECT_EQ(collected.packages, 1u);
    EXPECT_EQ(collected.repositories, 1u);
    EXPECT_FALSE(fs::exists(package("unverified")));
    EXPECT_FALSE(fs::exists(published("unverified/umd5/releases/a-1")));
    EXPECT_THAT(seen("stage-rollout"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, KeepsWhatAnotherReleaseStillNames) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    const std::string b = admitted("b", "1", {"a 1 x86_64", "b 1 x86_64"});
    operations().reject(a, asked);
    clock.time += hours(1000);
    EXPECT_EQ(gc().packages, 0u);
    EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64", "b-1.x86_64"));
}

TEST_F(Collector, DoesNotTakeOtherReleasesForGarbageInTheRepositoryOfOne) {
    admitted("a", "1", {"a 1 x86_64"});
    admitted("b", "1", {"b 1 x86_64"});
    clock.time += hours(1000);
    EXPECT_EQ(gc().packages, 0u);
    for (const char* own : {"umd5/releases/a-1/el9/x86_64", "umd5/releases/b-1/el9/x86_64"}) {
        EXPECT_THAT(seen("unverified", own), testing::SizeIs(1));
    }
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, LeavesThePackagesOfRejectedReleasesInThePool) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    operations().reject(id, asked);
    clock.time += hours(1000);
    gc();
    EXPECT_TRUE(depot->pool.holds(core::sha256("a 1 x86_64"), "plain"));
    operations().rollback(2, std::nullopt, asked);  // back again, and published again
    EXPECT_THAT(seen("unverified"), ElementsAre("a-1.x86_64"));
    EXPECT_THAT(seen("unverified", "umd5/releases/a-1/el9/x86_64"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, LeavesWhatPeoplePutBesideTheMetadata) {
    admitted("a", "1", {"a 1 x86_64"});
    const fs::path index = published("unverified/umd5/el9/x86_64/index");
    const fs::path client = depot->layout.client_files();
    for (const fs::path& place : {index, client}) {
        core::write_file(place / "theirs", "x");
        fs::create_symlink("nowhere", place / "their-link");
    }
    core::write_file(index / "000007.gz", "a patch of before");
    fs::create_symlink("../current/production/gone", client / "gone");
    clock.time += hours(1000);
    gc();
    for (const fs::path& place : {index, client}) {
        EXPECT_TRUE(fs::exists(place / "theirs"));
        EXPECT_TRUE(fs::is_symlink(place / "their-link"));
    }
    EXPECT_FALSE(fs::exists(index / "000007.gz"));
    EXPECT_FALSE(fs::is_symlink(client / "gone"));
}

TEST_F(Collector, TakesNothingForGarbageThatADamagedGenerationLost) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    promote(id, "stage-rollout");
    promote(id, "production");
    admitted("b", "1", {"b 1 x86_64"});
    clock.time += hours(1000);
    const fs::path production = depot->layout.generation(5) / "production";
    ASSERT_TRUE(fs::is_symlink(production));
    fs::remove(production);
    EXPECT_THROW(gc(), core::Error);
    EXPECT_TRUE(fs::exists(package("production")));
    operations().refresh(asked);
    gc();
    EXPECT_TRUE(fs::exists(package("production")));
    EXPECT_THAT(seen("production"), ElementsAre("a-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, RemovesPoolFilesThatNoRecordNames) {
    const fs::path file = depot->layout.pool() / "ab/abcdef.plain";
    fs::create_directories(file.parent_path());
    core::write_file(file, "x");
    EXPECT_EQ(gc(true).pool_files, 1u);
    EXPECT_TRUE(fs::exists(file));
    EXPECT_EQ(gc().pool_files, 1u);
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(Collector, RemovesAllFilesOfAPoolDirectory) {
    const fs::path place = depot->layout.pool() / "ab";
    fs::create_directories(place);
    for (const char* name : {"ab1.plain", "ab2.plain", "ab3.plain"}) {
        core::write_file(place / name, "x");
    }
    EXPECT_EQ(gc().pool_files, 3u);
    EXPECT_FALSE(fs::exists(place));
}

TEST_F(Collector, RemovesPackagesThatAFailedPromotionLeftBehind) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    signer.sound = false;
    EXPECT_THROW(promote(id, "stage-rollout"), core::Error);
    signer.sound = true;
    EXPECT_TRUE(fs::exists(package("stage-rollout")));
    EXPECT_EQ(gc().packages, 1u);
    EXPECT_FALSE(fs::exists(package("stage-rollout")));
    EXPECT_EQ(findings(), "");
}

TEST_F(Collector, LeavesNoGrowthInTheCache) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const core::Digest named = depot->records.load(id).packages.front().digest;
    const auto of = [](const core::Digest& package) {
        return core::Cache::Key(package, core::Cache::Key::Kind::package);
    };
    depot->cache.put(of(named), "its fragments");
    depot->cache.put(of(core::sha256("refused")), "fragments");
    depot->cache.put("unused", "x");
    tests::grow_old(depot->layout.fragments(), 32);
    gc(true);
    EXPECT_TRUE(depot->cache.get("unused")) << "and used by that";
    tests::grow_old(depot->layout.fragments(), 32);
    gc();
    EXPECT_FALSE(depot->cache.get("unused"));
    EXPECT_FALSE(depot->cache.get(of(core::sha256("refused"))));
    EXPECT_TRUE(depot->cache.get(of(named)));
    const auto bytes = [&] {
        std::uintmax_t sum = 0;
        for (const fs::path& file : tests::files_of_cache(depot->layout.fragments())) {
            sum += fs::file_size(file);
        }
        return sum;
    };
    gc();
    const auto before = bytes();
    for (int i = 0; i < 5; ++i) {
        gc();
        EXPECT_EQ(bytes(), before);
    }
    for (int i = 0; i < 20; ++i) operations().refresh(asked);
    gc();
    EXPECT_LT(bytes(), 3 * before);
}

TEST_F(Collector, OwnsWhatIsOfNoRepositoryAnyMore) {
    admitted("a", "1", {"a 1 x86_64"});
    core::make_directories(published("retired/umd3/el7/files"));
    fs::create_symlink("../../../current/retired/umd3/el7/index",
                       published("retired/umd3/el7/index"));
    core::hard_link(package("unverified"), published("retired/umd3/el7/files/a-1.x86_64"));
    fs::create_symlink("anything", published("unverified/umd5/el9/x86_64/.index.7.0.new"));
    core::make_directories(published("of-a-person"));
    core::write_file(published("of-a-person/robots.txt"), "x");
    EXPECT_EQ(gc(true).packages, 3u);
    EXPECT_TRUE(fs::exists(published("retired"))) << "it was a dry run";
    EXPECT_EQ(gc().packages, 3u);
    EXPECT_FALSE(fs::exists(published("retired")));
    EXPECT_TRUE(fs::exists(package("unverified")));
    EXPECT_EQ(findings(), "public/of-a-person: does not belong there\n");
}

TEST_F(Collector, LeavesWhatPeopleMade) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    operations().reject(id, asked);
    const std::string own = "unverified/umd5/releases/a-1";
    const std::map<std::string, std::string> links{
        {"retired/umd3/el7/latest", "../../../production/umd5"},
        {"retired/umd3/el7/index", "../../../current/retired/umd3/el8/index"},
        {"unverified/umd5/releases/newest", "../../../unverified/umd5"},
        {own + "/el9/latest", "../../../../../current/unverified/umd5"},
    };
    core::make_directories(published("retired/umd3/el7"));
    for (const auto& [link, target] : links) fs::create_symlink(target, published(link));
    core::write_file(published(own + "/notes"), "x");
    clock.time += hours(168);
    EXPECT_EQ(gc().repositories, 1u);
    for (const auto& [link, target] : links) {
        EXPECT_TRUE(fs::is_symlink(fs::symlink_status(published(link)))) << link;
    }
    EXPECT_FALSE(fs::exists(fs::symlink_status(published(own + "/el9/x86_64"))));
    EXPECT_EQ(findings(),
              "public/retired: does not belong there\n"
              "public/unverified/umd5/releases: does not belong there\n");
}

TEST_F(Collector, LetsVerifyTellOfWhatPeopleMadeBesideWhatWaitsForIt) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const std::string own = "unverified/umd5/releases/a-1/";
    operations().reject(id, asked);
    fs::create_symlink("../../umd5", published(own + "latest"));
    clock.time += hours(100);  // no generation has it any more
    gc();
    EXPECT_TRUE(fs::is_symlink(published(own + "el9/x86_64/files")));
    EXPECT_EQ(findings(), "public/" + own + "latest: does not belong there\n");
}

TEST_F(Collector, KeepsTheRepositoriesOfReleasesBelowAFormerStageOfEntryForTheirGraceTime) {
    const fs::path own = published("unverified/umd5/releases/a-1");
    const auto enter_by = [&](const std::string& keep, const std::string& stage) {
        const std::string other = stage == "unverified" ? "incoming" : "unverified";
        core::write_file(depot->layout.configuration(),
                         plain_configuration("valid_days = 10000\n" + keep) +
                             "[[stage]]\nname = \"" + other + "\"\n[[stage]]\nname = \"" + stage +
                             "\"\nentry = true\n" +
                             "[[stage]]\nname = \"deprecated\"\narchive = true\n");
        reopen();
        operations().refresh(asked);
    };
    admitted("a", "1", {"a 1 x86_64"});
    struct Case {
        std::string keep;
        hours grace;
    };
    for (const auto& [keep, grace] : {Case{"", hours(168)},
                                      {"keep = {generations_hours = 200}\n", hours(200)},
                                      {"keep = {packages_hours = 9}\n", hours(72)}}) {
        SCOPED_TRACE(keep);
        enter_by(keep, "unverified");
        enter_by(keep, "incoming");
        clock.time += grace - hours(1);
        operations().refresh(asked);
        EXPECT_EQ(gc().repositories, 0u);
        EXPECT_TRUE(fs::is_symlink(own / "el9/x86_64/files"));
        EXPECT_EQ(findings(), "");
        clock.time += hours(1);
        EXPECT_EQ(gc(true).repositories, 1u);
        EXPECT_EQ(gc().repositories, 1u);
        EXPECT_FALSE(fs::exists(own));
        EXPECT_TRUE(fs::exists(package("unverified")));
        EXPECT_EQ(findings(), "");
    }
}

}  // namespace
}  // namespace core_test
