// SPDX-License-Identifier: GPL-3.0-or-later
// What verify finds it names with the command that mends it, once, and that command does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/audit/audited_depot.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

using Remedy = AuditedDepot;

TEST_F(Remedy, NamesTheCommandThatMendsTheLinksOfARepository) {
    const std::string own = "unverified/umd5/releases/a-1/el9/aarch64";
    const std::string told = "; `sluice refresh` mends it\n";
    const std::string client = "client/umd5-production-el9.site";
    for (const auto& [link, removed] : {std::pair(own + "/index/root", own + "/index"),
                                        {own + "/files", own + "/files"},
                                        {own + "/mirrorlist", own + "/mirrorlist"},
                                        {std::string("keys"), std::string("keys")},
                                        {client, client},
                                        {client, std::string("client")}}) {
        SCOPED_TRACE(link);
        core::remove_tree(published(removed));
        EXPECT_THAT(findings(),
                    AllOf(HasSubstr("public/" + link + ": is not a link to "), HasSubstr(told)));
        operations().refresh(asked);
        EXPECT_EQ(findings(), "");
    }
    const auto expect_dangling = [&](const std::string& link, const fs::path& target) {
        SCOPED_TRACE(link);
        core::remove_tree(target);
        EXPECT_THAT(findings(), HasSubstr("public/" + link + ": leads nowhere" + told));
        operations().refresh(asked);
        EXPECT_EQ(findings(), "");
    };
    expect_dangling(own + "/files", published("unverified/umd5/el9/aarch64/files"));
    expect_dangling(own + "/mirrorlist",
                    depot->layout.current() / core::place_of(own) / "mirrorlist");
}

TEST_F(Remedy, NamesTheCommandThatMendsWhatIsOfAnotherKind) {
    const std::string home = "unverified/umd5/el9/x86_64";
    const std::string own = "unverified/umd5/releases/a-1/el9/x86_64";
    const std::string client = "client/umd5-production-el9.site";
    const fs::path copy = directory / "copy";
    using Damage = std::function<void(const fs::path&)>;
    const Damage damages[] = {other, [](const fs::path& path) { fs::create_directory(path); },
                              [&](const fs::path& path) { fs::rename(copy, path); }};
    for (const std::string& name :
         {std::string("keys"), std::string("client"), client, home + "/files", home + "/index",
          home + "/index/root", home + "/mirrorlist", home + "/" + list_in(published(home)),
          own + "/files", own + "/index"}) {
        for (const Damage& damage : damages) {
            SCOPED_TRACE(name);
            core::remove_tree(copy);
            fs::copy(published(name), copy, fs::copy_options::recursive);  // of what links lead to
            core::remove_tree(published(name));
            damage(published(name));
            operations().refresh(asked);
            EXPECT_EQ(findings(), "");
        }
    }
}

TEST_F(Remedy, NamesTheCommandThatMendsACopyOfAPackageThatWaitsToBeCollected) {
    promote(id, "stage-rollout");
    const std::string path = "unverified/umd5/el9/x86_64/files/a-1.x86_64";
    core::remove_tree(published(path));
    core::write_file(published(path), "a 1 x86_64");
    EXPECT_THAT(findings(),
                HasSubstr("public/" + path + ": is a copy of the pool's file; `sluice refresh`"));
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Remedy, ARefreshTakesNothingOfOthersAway) {
    core::remove_tree(published("keys"));
    fs::create_directory(published("keys"));
    core::write_file(published("keys/stray.asc"), "OTHER");
    try {
        operations().refresh(asked);
        ADD_FAILURE();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("public/keys/stray.asc: is not ours"));
    }
    core::remove_tree(published("keys/stray.asc"));
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Remedy, NamesTheCommandThatPutsPackagesBack) {
    const fs::path packages = published("unverified/umd5/el9/x86_64/files");
    const fs::path file = packages / "a-1.x86_64";
    const fs::path in_pool = depot->pool.file(core::sha256("a 1 x86_64"), "plain");
    const std::string path = "public/unverified/umd5/el9/x86_64/files/a-1.x86_64: ";
    const auto expect_mended = [&](const std::string& told) {
        EXPECT_THAT(findings(), HasSubstr(path + told + "; `sluice refresh` mends it\n"));
        operations().refresh(asked);
        EXPECT_EQ(findings(), "");
        EXPECT_TRUE(fs::equivalent(file, in_pool));
    };
    core::remove_tree(published("unverified"));
    expect_mended("is missing");
    core::remove_tree(file);
    core::write_file(file, "other");
    expect_mended("is not the pool's file " + core::sha256("a 1 x86_64").hex());
    core::remove_tree(file);
    fs::create_symlink(in_pool, file);
    expect_mended("is not the pool's file " + core::sha256("a 1 x86_64").hex());
}

TEST_F(Remedy, PromisesNoRemedyForPackagesThatThePoolHasNotEither) {
    const fs::path in_pool = depot->pool.file(core::sha256("a 1 x86_64"), "plain");
    core::remove_tree(published("unverified/umd5/el9/x86_64/files/a-1.x86_64"));
    fs::rename(in_pool, directory / "kept");
    EXPECT_THAT(findings(), HasSubstr("files/a-1.x86_64: is missing\n"));
    operations().refresh(asked);  // what is published must not expire for it
    fs::rename(directory / "kept", in_pool);
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Remedy, KeysThatAreDamagedAreMadeAnewByTheNextCommit) {
    const auto expect_mended = [&](const std::string& product) {
        EXPECT_NE(findings(), "");
        admitted(product, "1", {product + " 1 x86_64"});
        EXPECT_EQ(findings(), "");
    };
    core::write_file(published("keys/provider-ada.asc"), "other");
    expect_mended("b");
    core::remove_tree(published("keys/sluice.asc"));
    expect_mended("c");
    for (const char* file : {"keys/provider-ada.asc", "keys/sluice.asc"}) {
        core::remove_tree(published(file));
    }
    expect_mended("d");
}

TEST_F(Remedy, SaysOnceThatKeysHaveToBeRefreshed) {
    const fs::path keys = depot->layout.provider_keys();
    core::write_file(keys / "bob.asc", "BOB");
    EXPECT_EQ(findings(),
              "provider-keys: sites do not have these keys yet (bob.asc is new): run `sluice "
              "refresh`\n");
    core::write_file(keys / "bob.asc", "secret");
    const auto found = verify();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found.front().message, HasSubstr("bob.asc: a key file holds a secret key"));
    core::remove_tree(keys / "bob.asc");
    core::write_file(keys / "ada.asc", "ADA revoked");
    EXPECT_THAT(findings(), HasSubstr("(ada.asc has changed): run `sluice refresh`\n"));
    core::remove_tree(keys / "ada.asc");
    EXPECT_THAT(findings(), HasSubstr("(ada.asc is gone): run `sluice refresh`\n"));
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Remedy, SaysOnceThatTheDepotHasANewKey) {
    signer.key = "NEW";
    EXPECT_EQ(findings(),
              "sluice.toml: signing.key is NEW, but what is published is signed by DEPOT: run "
              "`sluice refresh`\n");
    // Damage is still found.
    expect_damage("index/root.sig", generation / "production/umd5/el9/x86_64/index/root.sig");
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(Remedy, SaysOnceThatTheDepotsKeyHasChanged) {
    signer.written = "\n";
    EXPECT_EQ(findings(),
              "public/keys: sites have the depot's key as it was (with another expiry, say): run "
              "`sluice refresh`\n");
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
    EXPECT_EQ(core::read_file(depot->layout.keys() / "sluice.asc"), "DEPOT\n");
}

TEST_F(Remedy, SaysOnceThatClientFilesAreOfAnOlderConfiguration) {
    std::string text = core::read_file(depot->layout.configuration());
    text.insert(text.find("[[line]]") + 8, "\ntitle = \"Distribution 5\"");
    core::write_file(depot->layout.configuration(), text);
    reopen();
    EXPECT_EQ(findings(),
              "sluice.toml: line umd5: title was \"umd5\", is \"Distribution 5\": the next commit "
              "carries it out; run `sluice refresh` to do it now\n");
}

TEST_F(Remedy, FindsThatMetadataHasExpired) {
    clock.time += std::chrono::days(14);
    EXPECT_EQ(findings(),
              "public/current: what is published expired at 2026-12-06T12:00:00Z: run `sluice "
              "refresh`\n");
}

}  // namespace
}  // namespace core_test
