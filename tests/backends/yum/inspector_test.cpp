// SPDX-License-Identifier: GPL-3.0-or-later
// What the inspector says of sound packages.
#include "backends/yum/inspector.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

using workshop::must_run;
using workshop::package;
using workshop::quoted;
using workshop::run;
using workshop::Scratch;

core::Inspection inspected(const std::string& name) {
    const Scratch scratch;
    const yum::YumInspector inspector{core::Cache(scratch / "cache")};
    return inspector.inspect(package(name), core::sha256_file(package(name)), {});
}

TEST(YumInspector, TellsWhatTheHeaderSays) {
    const core::Package argus = inspected("argus-1.7.3-1.el9.noarch.rpm").package;
    EXPECT_EQ(argus.format, "rpm");
    EXPECT_EQ(argus.label(), "argus-2:1.7.3-1.el9.noarch");
    EXPECT_EQ(argus.path, "Packages/a/argus-1.7.3-1.el9.noarch.rpm");
    EXPECT_EQ(argus.digest, core::sha256_file(package("argus-1.7.3-1.el9.noarch.rpm")));
    EXPECT_EQ(argus.size, std::filesystem::file_size(package("argus-1.7.3-1.el9.noarch.rpm")));
    EXPECT_TRUE(argus.every_architecture);
    EXPECT_FALSE(argus.source);

    const core::Package lib = inspected("lib-1.0-1.el9.aarch64.rpm").package;
    EXPECT_EQ(lib.architecture, "aarch64");
    EXPECT_EQ(lib.epoch, "");
    EXPECT_FALSE(lib.every_architecture);
}

TEST(YumInspector, MakesNothingOfBytesThatAreNotThoseOfTheDigest) {
    const Scratch scratch;
    const auto original = package("argus-1.7.3-1.el9.noarch.rpm");
    std::string bytes = core::read_file(original);
    const std::size_t summary = bytes.find("Authorisation for");
    ASSERT_NE(summary, std::string::npos);
    bytes[summary] = 'a';
    const auto file = scratch.file("damaged.rpm", bytes);
    const core::Digest digest = core::sha256_file(original);
    const yum::YumInspector inspector{core::Cache(scratch / "cache")};
    EXPECT_THROW(inspector.fragments(file, digest), core::Error);
    EXPECT_ANY_THROW(inspector.inspect(file, digest, {}));
    EXPECT_NO_THROW(inspector.fragments(original, digest));
}

TEST(YumInspector, KnowsASourcePackage) {
    const core::Package source = inspected("argus-1.7.3-1.el9.src.rpm").package;
    EXPECT_TRUE(source.source);
    EXPECT_FALSE(source.every_architecture);
    EXPECT_EQ(source.architecture, "src");
    EXPECT_EQ(source.path, "Packages/a/argus-1.7.3-1.el9.src.rpm");
}

TEST(YumInspector, PutsCapitalsInTheDirectoryOfTheSmallLetter) {
    EXPECT_EQ(inspected("Upper_Case+plus-1.0~rc1^git2-1.el9.noarch.rpm").package.path,
              "Packages/u/Upper_Case+plus-1.0~rc1^git2-1.el9.noarch.rpm");
}

TEST(YumInspector, TakesThePathFromTheHeaderWhateverTheFileIsCalled) {
    const Scratch scratch;
    std::filesystem::copy(package("hollow-1-1.noarch.rpm"), scratch / "openssl-9.9-1.x86_64.rpm");
    const yum::YumInspector inspector{core::Cache(scratch / "cache")};
    const auto digest = core::sha256_file(scratch / "openssl-9.9-1.x86_64.rpm");
    EXPECT_EQ(inspector.inspect(scratch / "openssl-9.9-1.x86_64.rpm", digest, {}).package.path,
              "Packages/h/hollow-1-1.noarch.rpm");
}

TEST(YumInspector, GivesTheHeaderSignatureAndWhatItCovers) {
    EXPECT_TRUE(inspected("lib-1.0-1.el9.x86_64.rpm").signatures.empty());
    const core::Inspection inspection = inspected("signed.rpm");
    ASSERT_EQ(inspection.signatures.size(), 1u);

    const Scratch scratch;
    const std::string home = "GNUPGHOME=" + quoted(scratch.path().string()) + " ";
    must_run(home + "gpg --batch --quiet --import " + quoted(package("packager.asc").string()));
    const auto verify = [&](std::string covered) {
        const std::string signature =
            scratch.file("signature", inspection.signatures.front().signature).string();
        return run(home + "gpg --batch --verify " + quoted(signature) + " " +
                   quoted(scratch.file("covered", covered).string()));
    };
    std::string covered = inspection.signatures.front().covered;
    EXPECT_EQ(verify(covered).status, 0) << verify(covered).output;
    covered.back() = static_cast<char>(covered.back() ^ 1);
    EXPECT_NE(verify(covered).status, 0);
}

TEST(YumInspector, ReadsManyPackagesAtOnce) {
    const auto files = workshop::sound_packages();
    const Scratch one;
    const Scratch many;
    const yum::YumInspector alone{core::Cache(one / "cache")};
    const yum::YumInspector shared{core::Cache(many / "cache")};
    core::parallel_for(4 * files.size(), [&](std::size_t i) {
        const auto& file = files[i % files.size()];
        shared.inspect(file, core::sha256_file(file), {});
    });
    for (const auto& file : files) {
        const core::Digest digest = core::sha256_file(file);
        EXPECT_EQ(shared.fragments("/nowhere.rpm", digest), alone.fragments(file, digest)) << file;
    }
}

}  // namespace
