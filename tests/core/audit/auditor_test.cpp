// SPDX-License-Identifier: GPL-3.0-or-later
// Verify finds each kind of damage, by the path of what is damaged.
#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/store/state_files.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/audit/audited_depot.hpp"
#include "tests/core/faults.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

using Auditor = AuditedDepot;

TEST_F(Auditor, FindsDamageInThePool) {
    const core::Digest digest = core::sha256("a 1 x86_64");
    const fs::path file = depot->pool.file(digest, "plain");
    const std::string name = "pool/" + digest.hex().substr(0, 2) + "/" + digest.hex() + ".plain";
    expect_found(name + ": its content has the digest", file, other);
    expect_found(name + ": is missing", file, missing);
    const std::string link = "pool/names/plain/a-1.x86_64";
    expect_found(link + ": is not the same file", depot->pool.name_link("plain", "a-1.x86_64"),
                 other);
    expect_found(link + ": is not the same file", depot->pool.name_link("plain", "a-1.x86_64"),
                 missing);
    expect_found("pool/stray: no record names it", depot->layout.pool() / "stray", other);
}

TEST_F(Auditor, FindsDamageInTheRecords) {
    const fs::path file = depot->layout.releases() / "a-1.json";
    expect_found("releases/a-1.json: ", file, other);
    expect_found("releases/a-1.json: is missing, the record of a release", file, missing);
    expect_found("releases/notes.txt: does not belong there",
                 depot->layout.releases() / "notes.txt", other);
    expect_found("releases/b-1.json: is the record of a-1", depot->layout.releases() / "b-1.json",
                 [&](const fs::path& copy) { fs::copy_file(file, copy); });
}

TEST_F(Auditor, ReadsARecordAFewTimesHoweverManyRepositoriesItsStageHas) {
    const Fault looks("stat", "releases/a-1.json", EIO, 0);
    EXPECT_EQ(findings(), "");
    EXPECT_GT(looks.met(), 1);
    EXPECT_LE(looks.met(), 12);
}

TEST_F(Auditor, SaysNothingOfTheRepositoriesOfOtherReleasesWhenARecordIsDamaged) {
    admitted("c", "1", {"c 1 x86_64"});
    core::write_file(depot->layout.releases() / "c-1.json", "{}");
    EXPECT_THAT(findings(), AllOf(HasSubstr("unverified/umd5/releases/c-1/el9/x86_64"),
                                  testing::Not(HasSubstr("releases/a-1"))));
}

TEST_F(Auditor, FindsDamageInTheMetadata) {
    const std::string path = "/unverified/umd5/el9/x86_64/";
    const std::string root = "public/generations/000002" + path;
    for (const char* file : {"index/root", "index/root.sig"}) {
        expect_found("unverified/umd5/el9/x86_64: ", generation / path.substr(1) / file, other);
        expect_found("unverified/umd5/el9/x86_64: ", generation / path.substr(1) / file, missing);
    }
    const std::string list = list_in(generation / path.substr(1));
    expect_found(root + list + ": differs", generation / path.substr(1) / list, other);
    expect_found(root + list + ": is missing", generation / path.substr(1) / list, missing);
    expect_found(root + "index/stray: does not belong there",
                 generation / path.substr(1) / "index/stray", other);
    expect_found(root + "mirrorlist: is not what", generation / path.substr(1) / "mirrorlist",
                 other);
    expect_found("public/generations/000002/stray: does not belong there", generation / "stray",
                 other);
    expect_found("public/generations/000002/production/umd5/state.json: is damaged, or something",
                 generation / "production", elsewhere);
}

TEST_F(Auditor, FindsDamageInTheMetadataBesideTheGenerations) {
    const std::string path = "public/unverified/umd5/el9/x86_64/";
    const fs::path stable = depot->layout.root / path;
    const std::string now = list_in(generation / "unverified/umd5/el9/x86_64");
    const std::string old = list_in(depot->layout.generation(1) / "unverified/umd5/el9/x86_64");
    ASSERT_NE(now, old);
    for (const auto& damage : {std::function(other), std::function(missing)}) {
        expect_found(path + now + ": is not the generation's", stable / now, damage);
        expect_found(path + "index/root: is not a link", stable / "index/root", damage);
    }
    expect_found(path + old + ": its content does not have the digest", stable / old, other);
    expect_found(path + old + ": is missing (superseded", stable / old, missing);
    expect_found(path + "index/stray: does not belong", stable / "index/stray", other);
    expect_found(path + "index/stray: does not belong", stable / "index/stray", elsewhere);
    fs::remove(stable / old);
    fs::remove(stable / now);
    operations().refresh(asked);
    EXPECT_TRUE(fs::exists(stable / old));
    EXPECT_EQ(findings(), "");
    fs::remove_all(stable / "index");
    elsewhere(stable / "index");
    admitted("late", "1", {"late 1 x86_64"});
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Auditor, FindsDamageBesideTheStableUrls) {
    const std::string path = "public/unverified/umd5/el9/x86_64/";
    const fs::path stable = directory / "depot" / path;
    expect_found(path + "index: is not a link to", stable / "index", elsewhere);
    expect_found(path + "index/root: is not a link to", stable / "index", missing);
    expect_found(path + "mirrorlist: is not a link to", stable / "mirrorlist", missing);
    expect_found(path + "stray: does not belong there", stable / "stray", other);
    expect_found(path + "stray: does not belong there", stable / "stray", elsewhere);
    expect_found(path + "files/stray: does not belong there", stable / "files/stray", other);
    expect_found(path + "files/a-1.x86_64: is not the pool's file", stable / "files/a-1.x86_64",
                 other);
    expect_found(path + "files/a-1.x86_64: is missing", stable / "files/a-1.x86_64", missing);
    expect_found("unverified/umd5/el9/x86_64/files: is not a link to",
                 generation / "unverified/umd5/el9/x86_64/files", elsewhere);
    const std::string own = "public/unverified/umd5/releases/a-1/el9/x86_64/files";
    expect_found(own + ": is not a link to", directory / "depot" / own, elsewhere);
    expect_found(own + ": is not a link to", directory / "depot" / own, missing);
}

TEST_F(Auditor, FindsThatTheRepositoryOfASingleReleaseIsMissing) {
    const std::string path = "unverified/umd5/releases/a-1/el9/x86_64";
    core::State state = depot->state();
    state.repositories.erase(path);
    write_state(state);
    for (const fs::path& place : {generation / core::place_of(path), published(path)})
        core::remove_tree(place);
    EXPECT_THAT(findings(), HasSubstr("public/" + path + ": is missing; `sluice refresh` opens"));
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
    promote(id, "stage-rollout");
    EXPECT_EQ(findings(), "") << "it has none there";
}

TEST_F(Auditor, FindsDamageInKeysAndClientFiles) {
    const std::string root = "public/generations/000002/";
    for (const char* file :
         {"keys/sluice.asc", "keys/provider-ada.asc", "production/umd5/umd5-production-el9.site"}) {
        expect_found(root + file + ": is not what", generation / file, other);
        expect_found(root + file + ": is missing", generation / file, missing);
    }
    expect_found(root + "keys/stray.asc: does not belong", generation / "keys/stray.asc", other);
    expect_found(root + "production/umd5/stray: does not belong",
                 generation / "production/umd5/stray", other);
    expect_found("public/keys: is not a link", depot->layout.keys(), elsewhere);
    const fs::path client = depot->layout.client_files();
    expect_found("public/client/umd5-production-el9.site: is not a link",
                 client / "umd5-production-el9.site", other);
    expect_found("public/client/umd5-production-el9.site: is not a link",
                 client / "umd5-production-el9.site", missing);
    expect_found("public/client/stray: does not belong", client / "stray", other);
}

TEST_F(Auditor, ReadsEachProviderKeyOnce) {
    int times = 0;
    read_keys = [&](const std::string& text) {
        if (text == "ADA") ++times;
        return plain_keys(text);
    };
    EXPECT_EQ(findings(), "");
    EXPECT_EQ(times, 1);
}

TEST_F(Auditor, FindsAnyChangedLineOfTheLedger) {
    const fs::path file = depot->layout.ledger();
    const std::string whole = core::read_file(file);
    std::size_t begin = 0, number = 0;
    for (std::size_t end = whole.find('\n'); end + 1 < whole.size();
         end = whole.find('\n', begin)) {
        SCOPED_TRACE(++number);
        std::string changed = whole;
        changed[changed.find("2026", begin) + 3] = '5';  // still a good line
        core::write_file(file, changed);
        EXPECT_THAT(findings(), HasSubstr("ledger.jsonl: line " + std::to_string(number + 1)));
        core::write_file(file, whole.substr(0, begin) + whole.substr(end + 1));
        EXPECT_THAT(findings(), HasSubstr("ledger.jsonl: line " + std::to_string(number)));
        core::write_file(file, whole.substr(0, begin) + "no json\n" + whole.substr(end + 1));
        EXPECT_THAT(findings(), HasSubstr("ledger.jsonl: line " + std::to_string(number)));
        core::write_file(file,
                         whole.substr(0, begin) + "{\"previous\":[]}\n" + whole.substr(end + 1));
        EXPECT_THAT(findings(), HasSubstr("ledger.jsonl: line " + std::to_string(number)));
        begin = end + 1;
    }
    EXPECT_EQ(number, 3u);
    core::write_file(file, whole);
    EXPECT_EQ(findings(), "");
}

TEST_F(Auditor, FindsAStateThatTheLedgerDoesNotLeadTo) {
    core::State state = depot->state();
    state.standing["a-1"] = "production";
    const core::State whole = depot->state();
    write_state(state);
    EXPECT_THAT(findings(), HasSubstr("lead to another standing"));
    write_state(whole);
    EXPECT_EQ(findings(), "");
    for (const std::string& part : {std::string(), core::state_directory("a-1")}) {
        const fs::path file = generation / part / "state.json";
        for (const auto& damage : {std::function(other), std::function(missing)}) {
            expect_found("public/current: ", file, damage);
        }
    }
}

TEST_F(Auditor, FindsWhatHasNoOwnerInThePublicTree) {
    for (const char* path : {"public/stray", "public/production/stray",
                             "public/production/umd5/stray", "public/generations/stray"}) {
        const std::string message = std::string(path) + ": does not belong there";
        expect_found(message, depot->layout.root / path, other);
        expect_found(message, depot->layout.root / path, elsewhere);
        expect_found(path, depot->layout.root / path, [](const fs::path& place) {
            core::make_directories(place / "below");
            core::write_file(place / "below/file", "x");
        });
    }
    const std::string deep = "public/unverified/umd5/el9/x86_64/files/below";
    expect_found(deep + ": leads out of public/", depot->layout.root / deep, elsewhere);
    expect_found(
        deep + ": leads out of public/", depot->layout.root / deep,
        [](const fs::path& link) { fs::create_symlink("../../../../../../sluice.toml", link); });
}

TEST_F(Auditor, TellsOfADiskThatDoesNotAnswerWhileSettingsAreCompared) {
    const fs::path file = depot->layout.configuration();
    core::write_file(file, core::read_file(file) + "\n[[line]]\nname = \"umd6\"\n");
    reopen();
    EXPECT_THAT(findings(), HasSubstr("umd6"));
    for (int skipped = 0;; ++skipped) {
        const Fault fault("readlink", "public/current", EIO, 1, skipped);
        std::string found;
        try {
            found = findings();
        } catch (const core::Error& error) {
            found = error.what();
        }
        if (fault.met() <= skipped) break;
        EXPECT_THAT(found, testing::AnyOf(HasSubstr("umd6"), HasSubstr("public/current")));
    }
}

TEST_F(Auditor, IsContentWithPackagesThatWaitToBeCollected) {
    promote(id, "stage-rollout");
    EXPECT_TRUE(fs::exists(published("unverified/umd5/el9/x86_64/files/a-1.x86_64")));
    EXPECT_EQ(findings(), "");
}

}  // namespace
}  // namespace core_test
