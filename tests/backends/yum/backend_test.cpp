// SPDX-License-Identifier: GPL-3.0-or-later
// The yum backend by its contract; what real clients say of it is in dnf_test.cpp.
#include "backends/yum/backend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/stand.hpp"

namespace {

namespace fs = std::filesystem;
using stand::Stand;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

using Sections = std::vector<core::Section>;

Sections sections_of(const core::Platform& platform, const std::string& architecture,
                     bool source = false) {
    core::Package package;
    package.name = "p";
    package.format = "rpm";
    package.architecture = architecture;
    package.every_architecture = architecture == "noarch";
    package.source = source;
    const Stand stand;
    return stand.backend.sections(platform, &package);
}

TEST(YumSections, PutAPackageIntoTheTreesOfItsArchitecture) {
    EXPECT_EQ(sections_of(stand::el9(), "aarch64"), (Sections{{"aarch64", "packages"}}));
    EXPECT_EQ(sections_of(stand::el9(), "noarch"),
              (Sections{{"x86_64", "packages"}, {"aarch64", "packages"}}));
    EXPECT_EQ(sections_of(stand::el9(), "src", true), (Sections{{"source", "packages"}}));
    EXPECT_EQ(sections_of(stand::el9(), "i686"), (Sections{{"x86_64", "packages"}}));
    core::Platform old = stand::el9();
    old.architectures = {"i386", "x86_64"};
    EXPECT_EQ(sections_of(old, "i686"), (Sections{{"i386", "packages"}}));
}

TEST(YumSections, RefuseAnArchitectureThePlatformHasNot) {
    core::Platform arm = stand::el9();
    arm.architectures = {"aarch64"};
    for (const char* architecture : {"x86_64", "i686", "riscv64", "x86_64_v2"}) {
        try {
            sections_of(arm, architecture);
            ADD_FAILURE() << architecture;
        } catch (const core::Refused& refused) {
            EXPECT_EQ(refused.code(), core::reason::architecture_unknown);
        }
    }
}

TEST(YumSections, OfAPlatformHaveDocumentsInEveryBinaryTree) {
    const Stand stand;
    const Sections all = stand.backend.sections(stand::el9(), nullptr);
    EXPECT_EQ(all.size(), 7u);
    EXPECT_THAT(all, testing::Contains(core::Section{"source", "packages"}));
    EXPECT_THAT(all, testing::Contains(core::Section{"aarch64", "updateinfo"}));
    EXPECT_THAT(all, Not(testing::Contains(core::Section{"source", "updateinfo"})));
}

TEST(YumCompose, WritesTheMetadataDirectoryAndNothingElse) {
    Stand stand;
    const fs::path tree = stand.scratch / "tree";
    const core::Composed composed = stand.publish(tree, {});
    ASSERT_EQ(composed.signing.size(), 1u);
    EXPECT_EQ(composed.signing[0].file, "repodata/repomd.xml");
    EXPECT_EQ(composed.signing[0].output, "repodata/repomd.xml.asc");
    EXPECT_THAT(composed.lasting, ElementsAre(MatchesRegex("repodata/[0-9a-f]+-primary.xml.gz"),
                                              MatchesRegex("repodata/[0-9a-f]+-filelists.xml.gz"),
                                              MatchesRegex("repodata/[0-9a-f]+-other.xml.gz")));
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(tree))
        files += entry.is_regular_file();
    EXPECT_EQ(files, 5u);
    stand.backend.check(tree, stand.key());
}

TEST(YumCompose, GivesTheSameBytesWhateverTheCacheHolds) {
    Stand stand;
    const std::vector<core::Package> packages = {stand.admit("argus-1.7.3-1.el9.noarch.rpm"),
                                                 stand.admit("lib-1.0-1.el9.x86_64.rpm"),
                                                 stand.admit("latin-1-1.noarch.rpm")};
    const core::Composed first = stand.publish(stand.scratch / "first", packages);
    fs::remove_all(stand.scratch / "cache");
    stand.generation = 0;
    const core::Composed second = stand.publish(stand.scratch / "second", packages);
    EXPECT_EQ(first.lasting, second.lasting);
    EXPECT_EQ(core::read_file(stand.scratch / "first/repodata/repomd.xml"),
              core::read_file(stand.scratch / "second/repodata/repomd.xml"));
}

TEST(YumCompose, SaysGenerationAndDate) {
    Stand stand;
    stand.generation = 41;
    const fs::path tree = stand.scratch / "tree";
    const auto composed = stand.publish(tree, {stand.admit("lib-1.0-1.el9.x86_64.rpm")});
    const std::string repomd = core::read_file(tree / "repodata/repomd.xml");
    EXPECT_THAT(repomd, AllOf(HasSubstr("<revision>42</revision>"),
                              HasSubstr("<timestamp>1767323045</timestamp>"),
                              HasSubstr("<open-checksum type=\"sha256\">")));
    const std::string primary =
        workshop::must_run("zcat " + (tree / composed.lasting.front()).string());
    EXPECT_THAT(primary, Not(HasSubstr("packages=")));
    EXPECT_THAT(primary, HasSubstr("<location href=\"Packages/l/lib-1.0-1.el9.x86_64.rpm\"/>"));
    workshop::must_run("zcat " + (tree / composed.lasting.front()).string() +
                       " | xmllint --noout -");
}

TEST(YumCompose, CountsThePackagesInTheFormOfBefore) {
    Stand stand;
    stand.form = core::oldest_form;
    const fs::path tree = stand.scratch / "tree";
    const auto composed = stand.publish(tree, {stand.admit("lib-1.0-1.el9.x86_64.rpm")});
    for (const std::string& file : composed.lasting) {
        EXPECT_THAT(workshop::must_run("zcat " + (tree / file).string()),
                    HasSubstr(" packages=\"1\">"))
            << file;
    }
}

TEST(YumCompose, NamesThePoolFileThatIsDamaged) {
    Stand stand;
    const core::Package package = stand.admit("lib-1.0-1.el9.x86_64.rpm");
    fs::remove_all(stand.scratch / "cache");
    const fs::path file = stand.pool.file(package.digest, "rpm");
    fs::permissions(file, fs::perms::owner_all);
    fs::resize_file(file, 300);
    try {
        stand.publish(stand.scratch / "tree", {package});
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(package.digest.hex()));
    }
}

/// What check() says after `damage` was done to a sound tree.
std::string complaint(
    const std::function<void(const fs::path& tree, const core::Composed&)>& damage,
    bool sign_again = false) {
    Stand stand;
    const fs::path tree = stand.scratch / "tree";
    const auto composed = stand.publish(tree, {stand.admit("lib-1.0-1.el9.x86_64.rpm")});
    stand.backend.check(tree, stand.key());
    damage(tree, composed);
    if (sign_again) {
        core::write_file(tree / "repodata/repomd.xml.asc",
                         stand.key().signature(tree / "repodata/repomd.xml"));
    }
    try {
        stand.backend.check(tree, stand.key());
    } catch (const core::Error& error) {
        return error.what();
    }
    return "nothing";
}

void replace(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = core::read_file(file);
    text.replace(text.find(from), from.size(), to);
    core::write_file(file, text);
}

TEST(YumCheck, FindsWhatAClientWouldReject) {
    EXPECT_THAT(complaint([](const fs::path& tree, const auto&) {
                    replace(tree / "repodata/repomd.xml", "<revision>1<", "<revision>2<");
                }),
                HasSubstr("signature"));
    EXPECT_THAT(complaint([](const fs::path& tree, const auto&) {
                    fs::remove(tree / "repodata/repomd.xml.asc");
                }),
                HasSubstr("repomd.xml.asc"));
    EXPECT_THAT(complaint([](const fs::path& tree, const auto& composed) {
                    fs::remove(tree / composed.lasting[1]);
                }),
                AllOf(HasSubstr("filelists"), HasSubstr("size")));
    EXPECT_THAT(complaint([](const fs::path& tree, const auto& composed) {
                    std::string bytes = core::read_file(tree / composed.lasting[0]);
                    bytes.back() = static_cast<char>(bytes.back() ^ 1);
                    core::write_file(tree / composed.lasting[0], bytes);
                }),
                AllOf(HasSubstr("primary"), HasSubstr("digest")));
}

TEST(YumCheck, FollowsNoReferenceOutOfRepodata) {
    for (const char* href : {"../../etc/passwd", "/etc/passwd", "repodata/../x", "http://x/y",
                             "repodata/", "Packages/l/x"}) {
        EXPECT_THAT(complaint(
                        [&](const fs::path& tree, const auto& composed) {
                            replace(tree / "repodata/repomd.xml", composed.lasting[0], href);
                        },
                        true),
                    HasSubstr("not in repodata/"))
            << href;
    }
    EXPECT_THAT(complaint(
                    [](const fs::path& tree, const auto&) {
                        replace(tree / "repodata/repomd.xml", "<location ",
                                "<location xml:base=\"http://example.org/\" ");
                    },
                    true),
                HasSubstr("not in repodata/"));
}

TEST(YumCheck, WantsSizeAndDigestOfEveryIndex) {
    const std::pair<const char*, const char*> damages[] = {
        {"<size>", "<size>-"},
        {"<size>", "<size>x"},
        {"checksum type=\"sha256\"", "checksum type=\"sha\""},
        {"checksum type=", "checksum kind="}};
    for (const auto& damage : damages) {
        const auto apply = [&](const fs::path& tree, const auto&) {
            replace(tree / "repodata/repomd.xml", damage.first, damage.second);
        };
        EXPECT_THAT(complaint(apply, true),
                    AllOf(HasSubstr("primary"), HasSubstr("no size or no SHA-256")))
            << damage.second;
    }
}

TEST(YumCheck, WantsEveryIndexThatClientsNeed) {
    EXPECT_THAT(complaint(
                    [](const fs::path& tree, const auto&) {
                        replace(tree / "repodata/repomd.xml", "type=\"other\"", "type=\"pther\"");
                    },
                    true),
                HasSubstr("no other index"));
    for (const char* text : {"<repomd>", "", "<html/>", "<repomd/><repomd/>"}) {
        EXPECT_THAT(
            complaint([&](const fs::path& tree,
                          const auto&) { core::write_file(tree / "repodata/repomd.xml", text); },
                      true),
            AllOf(StartsWith("/tmp/"), HasSubstr("repomd.xml: it is not a repomd.xml")))
            << text;
    }
}

core::ClientEntry production() {
    core::ClientEntry entry;
    entry.id = "umd5-production";
    entry.title = "UMD 5 production";
    entry.url = "https://repo.example.org/production/umd5/el9";
    entry.mirror_list = true;
    entry.key_urls = {"https://repo.example.org/keys/depot.asc",
                      "https://repo.example.org/keys/a.asc"};
    entry.enabled = true;
    entry.packages_signed = true;
    return entry;
}

TEST(YumClientFile, NamesTheMirrorListOfEachArchitecture) {
    const Stand stand;
    EXPECT_EQ(stand.backend.client_file(production()),
              "[umd5-production]\n"
              "name=UMD 5 production - $basearch\n"
              "mirrorlist=https://repo.example.org/production/umd5/el9/$basearch/mirrorlist\n"
              "enabled=1\n"
              "gpgcheck=1\n"
              "repo_gpgcheck=1\n"
              "gpgkey=https://repo.example.org/keys/depot.asc\n"
              "       https://repo.example.org/keys/a.asc\n"
              "metadata_expire=6h\n"
              "\n"
              "[umd5-production-source]\n"
              "name=UMD 5 production - source\n"
              "mirrorlist=https://repo.example.org/production/umd5/el9/source/mirrorlist\n"
              "enabled=0\n"
              "gpgcheck=1\n"
              "repo_gpgcheck=1\n"
              "gpgkey=https://repo.example.org/keys/depot.asc\n"
              "       https://repo.example.org/keys/a.asc\n"
              "metadata_expire=6h\n");
}

TEST(YumClientFile, UsesThePlainUrlWhereThereIsNoMirrorList) {
    const Stand stand;
    core::ClientEntry entry = production();
    entry.mirror_list = false;
    entry.packages_signed = false;
    entry.enabled = false;
    const std::string text = stand.backend.client_file(entry);
    EXPECT_THAT(text,
                HasSubstr("baseurl=https://repo.example.org/production/umd5/el9/$basearch/\n"));
    EXPECT_THAT(text, HasSubstr("gpgcheck=0\nrepo_gpgcheck=1\n"));
    EXPECT_THAT(text, Not(HasSubstr("enabled=1")));
    entry.title = "two\nlines";
    EXPECT_THROW(stand.backend.client_file(entry), core::Error);
}

}  // namespace
