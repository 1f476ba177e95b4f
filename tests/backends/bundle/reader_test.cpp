// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles as providers make them, with real packages in every container.
#include "backends/bundle/reader.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <stdio.h>
#include <string>
#include <thread>

#include "backends/bundle/member_names.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "tests/backends/bundle/sandbox.hpp"

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path bundles = GOOD_BUNDLES;  // made by fixtures/bundles/make_bundle

std::map<std::string, core::Digest> contents(const core::Bundle& bundle) {
    std::map<std::string, core::Digest> digests;
    for (const core::ReceivedFile& file : bundle.packages) digests[file.name] = file.digest;
    return digests;
}

const core::Problem* find(const core::Report& report, const std::string& code) {
    const auto found = std::find_if(report.begin(), report.end(),
                                    [&](const core::Problem& one) { return one.code == code; });
    return found == report.end() ? nullptr : &*found;
}

std::string refusal(const fs::path& path, const Sandbox& sandbox,
                    const core::BundleLimits& limits) {
    try {
        bundle::read(cells(), path, sandbox.scratch(), limits);
    } catch (const core::Refused& refused) {
        EXPECT_EQ(sandbox.scratch_files(), 0u);
        return refused.code();
    }
    return "read";
}

TEST(BundleReader, FindsTheSamePackagesInEveryContainer) {
    std::map<std::string, core::Digest> of_directory;
    for (const auto& entry : fs::recursive_directory_iterator(bundles / "lantern")) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".rpm" && extension != ".deb") continue;
        of_directory[fs::relative(entry.path(), bundles / "lantern").string()] =
            core::sha256_file(entry.path());
    }
    ASSERT_GE(of_directory.size(), 8u);
    for (const std::string suffix :
         {"", ".tar", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".zip"}) {
        SCOPED_TRACE("lantern" + suffix);
        const Sandbox sandbox;
        const core::Bundle bundle =
            bundle::read(cells(), bundles / ("lantern" + suffix), sandbox.scratch());
        EXPECT_EQ(contents(bundle), of_directory);
        EXPECT_EQ(bundle.descriptor.product, "lantern");
        EXPECT_EQ(bundle.descriptor_text, core::read_file(bundles / "lantern" / "release.xml"));
        EXPECT_FALSE(core::has_errors(bundle.report));
        for (const core::ReceivedFile& file : bundle.packages) {
            EXPECT_EQ("." + file.format, fs::path(file.name).extension());
            EXPECT_EQ(file.file.parent_path().parent_path(), sandbox.scratch());
        }
    }
}

TEST(BundleReader, ReadsWhatTheUsualToolsPack) {
    const Sandbox sandbox;
    sandbox.run("cp -r '" + bundles.string() + "/lantern' in");
    int number = 0;
    for (const std::string command :
         {"tar -cf out -C in .", "tar --format=v7 -cf out -C in .",
          "tar --format=oldgnu -cf out in", "tar --format=pax -czf out in",
          "tar -c in | gzip -1 | cat > out",
          "(cd in && zip -qr ../out.zip . && mv ../out.zip ../out)",
          "(cd in && zip -q0r - . | cat > ../out)", "tar -b 200 -cJf out in",
          "(tar -c in | split -b 20000 - part. && cat part.* | pigz -c > out || "
          "(for p in part.*; do gzip -c $p; done) > out)"}) {
        SCOPED_TRACE(command);
        sandbox.run("rm -f out && " + command);
        const fs::path scratch = sandbox.path("scratch-" + std::to_string(++number));
        fs::create_directory(scratch);
        const core::Bundle bundle = bundle::read(cells(), sandbox.path("out"), scratch);
        EXPECT_GE(bundle.packages.size(), 8u);
        EXPECT_EQ(bundle.descriptor.product, "lantern");
    }
}

TEST(BundleReader, GivenDescriptorTakesThePlaceOfTheOneInside) {
    const Sandbox sandbox;
    std::string text = core::read_file(bundles / "lantern" / "release.xml");
    for (std::size_t at = text.find("lantern"); at != text.npos; at = text.find("lantern")) {
        text.replace(at, 7, "beacon");
    }
    const core::Bundle bundle = bundle::read(cells(), bundles / "lantern.tar.gz", sandbox.scratch(),
                                             {}, bundle::GivenDescriptor{text, "beacon.xml"});
    EXPECT_EQ(bundle.descriptor.product, "beacon");
    EXPECT_EQ(bundle.descriptor_text, text);
    const core::Problem* unused = find(bundle.report, "file-ignored");
    ASSERT_NE(unused, nullptr);
    EXPECT_EQ(unused->where, "release.xml");
    EXPECT_FALSE(core::has_errors(bundle.report));
}

TEST(BundleReader, TellsAllProblemsAtOnce) {
    const Sandbox sandbox;
    sandbox.run("cp -r '" + bundles.string() +
                "/lantern' in && cd in && ln -s /etc/passwd link.rpm && "
                "echo '<html>404</html>' > page.rpm && tar -cf inner.tar release.xml && "
                "echo x > 'a\\b' && mkdir more && cp release.xml more/");
    const core::Bundle bundle = bundle::read(cells(), sandbox.path("in"), sandbox.scratch());
    for (const std::string code : {"non-regular-member", "package-corrupt", "nested-archive",
                                   "path-traversal", "descriptor-ambiguous"}) {
        EXPECT_NE(find(bundle.report, code), nullptr) << code;
    }
    EXPECT_THAT(find(bundle.report, "package-corrupt")->message, HasSubstr("an HTML page"));
    EXPECT_GE(bundle.packages.size(), 8u);
}

TEST(BundleReader, NamesWithControlCharactersAreRefusedAsSuch) {
    const Sandbox sandbox;
    const std::vector<std::string> names{"a\nb", "a\x1b[2Jb", "a\x7f", "a\u0085", "a\u202etxt"};
    sandbox.run("cp -r '" + bundles.string() + "/lantern' in");
    for (const std::string& name : names) {
        core::write_file(sandbox.path("in") / (name + ".txt"), "notes");
        core::write_file(sandbox.path("in") / (name + ".xml"), "<comps/>");
    }
    sandbox.run("cp -r in/el9 \"in/$(printf 'd\\037')\" && tar -cf in.tar -C in .");
    for (const std::string path : {"in", "in.tar"}) {
        fs::create_directory(sandbox.path("of-" + path));
        const core::Bundle bundle =
            bundle::read(cells(), sandbox.path(path), sandbox.path("of-" + path));
        for (const core::Problem& problem : bundle.report) {
            EXPECT_NE(problem.code, "file-ignored") << core::describe(problem);
        }
        for (const std::string& name : names) {
            EXPECT_TRUE(std::ranges::any_of(bundle.report, [&](const core::Problem& one) {
                return one.code == "member-name" && one.where.ends_with(name + ".txt") &&
                       one.message.find("control character") != std::string::npos;
            })) << core::escaped(name);
        }
        EXPECT_GE(bundle.packages.size(), 8u);
        EXPECT_EQ(find(bundle.report, "bundle-empty"), nullptr);
    }
}

TEST(BundleReader, ReportOfManyFindingsIsCutAndCounted) {
    const Sandbox sandbox;
    sandbox.run("cp -r '" + bundles.string() +
                "/lantern' in && cd in && "
                "for i in $(seq 300); do echo x > n$i; done");
    const core::Bundle bundle = bundle::read(cells(), sandbox.path("in"), sandbox.scratch());
    EXPECT_LT(bundle.report.size(), 150u);
    EXPECT_TRUE(std::any_of(bundle.report.begin(), bundle.report.end(), [](const auto& one) {
        return one.message == "200 more files are like this";
    }));
}

TEST(BundleReader, EveryLimitStopsTheReading) {
    for (const std::string name : {"lantern", "lantern.tar", "lantern.tar.xz", "lantern.zip"}) {
        SCOPED_TRACE(name);
        const Sandbox sandbox;
        core::BundleLimits members, bytes, member_bytes;
        members.members = 3;
        bytes.total_mb = 0;
        member_bytes.member_mb = 0;
        EXPECT_EQ(refusal(bundles / name, sandbox, members), "member-limit");
        EXPECT_EQ(refusal(bundles / name, sandbox, bytes), "size-limit");
        EXPECT_EQ(refusal(bundles / name, sandbox, member_bytes), "size-limit");
    }
}

TEST(BundleReader, MissingOrUnusablePathIsToldWithoutBlocking) {
    const Sandbox sandbox;
    EXPECT_THROW(bundle::read(cells(), sandbox.path("none"), sandbox.scratch()), core::Error);
    sandbox.run("mkfifo pipe");
    EXPECT_EQ(refusal(sandbox.path("pipe"), sandbox, {}), "bundle-format");
    EXPECT_EQ(refusal("/dev/zero", sandbox, {}), "bundle-format");
}

TEST(BundleReader, FullScratchIsTheOperatorsErrorAndLeavesNothing) {
    const Sandbox sandbox;
    EXPECT_THROW(bundle::read(cells(), bundles / "lantern.tar", sandbox.path("no-such-directory")),
                 core::Error);
    EXPECT_TRUE(sandbox.untouched());
}

TEST(BundleReader, DirectoryThatChangesUnderTheReaderLeadsNowhereElse) {
    const Sandbox sandbox;
    sandbox.run("mkdir -p in/swap secret && echo secret > secret/x.rpm && ln -s ../secret link");
    std::atomic<bool> stop{false};
    bool followed = false;
    std::thread swapper([&] {  // a directory that is a link every other moment
        const std::string inside = sandbox.path("in/swap"), link = sandbox.path("link");
        while (!stop) {
            ::renameat2(AT_FDCWD, inside.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
        }
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (std::chrono::steady_clock::now() < end) {
        try {
            const core::Bundle bundle =
                bundle::read(cells(), sandbox.path("in"), sandbox.scratch());
            // Had the link been followed, secret/x.rpm would have been refused as no package.
            followed = followed || find(bundle.report, "package-corrupt") != nullptr;
        } catch (const core::Error&) {
        } catch (const core::Refused&) {
        }
    }
    stop = true;
    swapper.join();
    EXPECT_FALSE(followed);
}

TEST(MemberNames, AreComparedByteByByte) {
    const core::BundleLimits limits;
    bundle::NameRegister names(limits);
    for (const char* name : {"README", "readme", "a/x.rpm", "A/x.rpm", "\u00c9", "e\u0301", "E"}) {
        EXPECT_FALSE(names.add_file(name)) << name;
    }
    for (const char* name : {"README", "a", "README/x"}) EXPECT_TRUE(names.add_file(name)) << name;
    EXPECT_EQ(bundle::plain_name("./a//./b/"), "a/b");
}

}  // namespace
