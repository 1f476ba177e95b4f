// SPDX-License-Identifier: GPL-3.0-or-later
// An apt repository is composed, and checked as a client would check it.
#include "backends/apt/backend.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <regex>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {
namespace fs = std::filesystem;

/// Believes what says "signed", so that check()'s own part is seen; signing/ has tests of its own.
class SeenBySealVerifier : public core::Verifier {
  public:
    core::Verdict check_detached(std::string_view bytes,
                                 std::string_view signature) const override {
        return verdict(signature == "sealed " + core::sha256(bytes).hex());
    }
    core::Verdict check_packet(std::string_view, std::string_view) const override { return {}; }
    core::Verdict check_clear_text(std::string_view text, std::string& content) const override {
        if (!text.starts_with("sealed\n")) return verdict(false);
        content = text.substr(7);
        return verdict(true);
    }

  private:
    static core::Verdict verdict(bool good) {
        core::Verdict verdict;
        verdict.status = good ? core::Verdict::Status::good : core::Verdict::Status::bad;
        verdict.detail = "no seal";
        return verdict;
    }
};

class Repository : public testing::Test {
  protected:
    void SetUp() override {
        packages_ = {workshop_.admit(workshop_.build("argus", "1.7-1")),
                     workshop_.admit(workshop_.build("argus", "1.8-1", "arm64")),
                     workshop_.admit(workshop_.build("argus-doc", "1.7-1", "all"))};
    }

    core::Composed compose(const std::string& name, const core::Predecessor& before = {}) const {
        core::Composition composition = composition_of(workshop_.backend(), packages_);
        composition.before = before;
        composition.date = core::parse_time("2026-11-22T14:48:57Z");
        composition.valid_until = core::parse_time("2026-11-29T14:48:57Z");
        composition.platform.xz = true;
        core::make_directories(workshop_.path(name));
        return workshop_.backend().compose(composition, workshop_.path(name));
    }

    void seal(const fs::path& directory) const {
        const std::string release = core::read_file(directory / "dists/umd5/Release");
        core::write_file(directory / "dists/umd5/InRelease", "sealed\n" + release);
        core::write_file(directory / "dists/umd5/Release.gpg",
                         "sealed " + core::sha256(release).hex());
    }

    /// What check() says of the repository; empty if it is content.
    std::string finding(const fs::path& directory) const {
        try {
            workshop_.backend().check(directory, SeenBySealVerifier());
        } catch (const core::Error& error) {
            return error.what();
        }
        return {};
    }

    /// Composes "earlier" and then "sound", which has a package more and a patch for amd64. Returns
    /// the patch's path in "sound".
    std::string compose_with_patch() {
        for (const char* version : {"1", "2", "3", "4", "5", "6", "7", "8", "9"}) {
            packages_.push_back(workshop_.admit(workshop_.build("argus-data", version)));
        }
        compose("earlier");
        const core::Package added = workshop_.admit(workshop_.build("argus", "1.9-1"));
        packages_.push_back(added);
        core::Predecessor before;
        before.directory = workshop_.path("earlier");
        before.added["main/binary-amd64"] = rows_of({added});
        const core::Composed composed = compose("sound", before);
        const auto patch = std::ranges::find_if(
            composed.lasting, [](const std::string& file) { return file.ends_with(".gz"); });
        if (patch == composed.lasting.end()) throw std::runtime_error("there is no patch");
        return *patch;
    }

    /// Replaces text in the index of patches of "a", and lists what came of it.
    void edit_patches(const std::string& from, const std::string& to) const {
        const fs::path index = workshop_.path("a/dists/umd5/main/binary-amd64/Packages.diff/Index");
        std::string text = core::read_file(index);
        const std::string before = core::sha256(text).hex();
        text.replace(text.find(from), from.size(), to);
        const std::string after = core::sha256(text).hex();
        core::write_file(index, text);
        core::write_file(index.parent_path() / "by-hash/SHA256" / after, text);
        workshop_.run("sed -i 's/" + before + " *[0-9]* /" + after + " " +
                      std::to_string(text.size()) + " /' a/dists/umd5/Release");
        seal(workshop_.path("a"));
    }

    Workshop workshop_;
    std::vector<core::Package> packages_;
};

}  // namespace

TEST_F(Repository, OfTheSameStateHasTheSameBytes) {
    compose("a");
    fs::remove_all(workshop_.path("cache"));
    compose("b");
    workshop_.run("diff -r a b");
}

TEST_F(Repository, IsMadeOfThePoolWhereTheCacheIsLost) {
    fs::remove_all(workshop_.path("cache"));
    compose("a");
    const std::string packages = workshop_.run("zcat a/dists/umd5/main/binary-arm64/Packages.gz");
    EXPECT_NE(packages.find("Filename: " + packages_[1].path + "\n"), std::string::npos);
}

TEST_F(Repository, IsAnErrorWhereThePoolIsDamagedToo) {
    fs::remove_all(workshop_.path("cache"));
    const fs::path file = workshop_.pool().file(packages_[0].digest, "deb");
    fs::copy_file(workshop_.pool().file(packages_[1].digest, "deb"), file,
                  fs::copy_options::overwrite_existing);
    EXPECT_THROW(compose("a"), core::Error);
}

TEST_F(Repository, HasPackagesOfAllInEveryArchitecture) {
    compose("a");
    const auto names = [&](const std::string& architecture) {
        return workshop_.run("zgrep ^Package: a/dists/umd5/main/binary-" + architecture +
                             "/Packages.gz");
    };
    EXPECT_EQ(names("amd64"), "Package: argus-doc\nPackage: argus\n");
    EXPECT_EQ(names("arm64"), "Package: argus-doc\nPackage: argus\n");
}

TEST_F(Repository, HasTheSameTextInEveryForm) {
    compose("a");
    const fs::path index = workshop_.path("a/dists/umd5/main/binary-amd64");
    EXPECT_FALSE(fs::exists(index / "Packages"));
    workshop_.run("cd " + index.string() +
                  " && zcat Packages.gz > Packages && xz -dc Packages.xz | cmp - Packages && "
                  "xz -l Packages.xz | grep -q ' 1 '");
    const std::string release = core::read_file(workshop_.path("a/dists/umd5/Release"));
    EXPECT_TRUE(
        std::regex_search(release, std::regex(core::sha256_file(index / "Packages").hex() + " +" +
                                              std::to_string(fs::file_size(index / "Packages")) +
                                              " main/binary-amd64/Packages\n")));
}

TEST_F(Repository, NamesItsSignaturesAndWhatLasts) {
    const core::Composed composed = compose("a");
    ASSERT_EQ(composed.signing.size(), 2u);
    EXPECT_EQ(composed.signing[0].output, "dists/umd5/InRelease");
    EXPECT_EQ(composed.signing[0].form, core::SignatureForm::clear_text);
    EXPECT_EQ(composed.signing[1].output, "dists/umd5/Release.gpg");
    // Contents of both architectures are the same.
    EXPECT_EQ(composed.lasting.size(), 5u);
    for (const std::string& file : composed.lasting) {
        const core::Digest digest = core::sha256_file(workshop_.path("a") / file);
        EXPECT_EQ(fs::path(file).filename(), digest.hex());
    }
}

TEST_F(Repository, WithoutPackagesIsOneToo) {
    packages_.clear();
    compose("a");
    seal(workshop_.path("a"));
    EXPECT_EQ(finding(workshop_.path("a")), "");
}

TEST_F(Repository, IsFoundSound) {
    compose("a");
    seal(workshop_.path("a"));
    EXPECT_EQ(finding(workshop_.path("a")), "");
}

TEST_F(Repository, IsFoundWantingWhereAClientWouldBe) {
    compose("sound");
    seal(workshop_.path("sound"));
    const std::vector<std::pair<std::string, std::string>> faults{
        {"rm -r dists", "holds no apt repository"},
        {"rm dists/umd5/InRelease", "dists/umd5/InRelease"},
        {"rm dists/umd5/Release.gpg", "dists/umd5/Release.gpg"},
        {"sed -i s/sealed/nothing/ dists/umd5/InRelease", "InRelease: its signature does not hold"},
        {"echo X: y >> dists/umd5/Release", "Release.gpg: its signature does not hold"},
        {"sed -i 's/^Suite: .*/Suite: x/' dists/umd5/InRelease", "says something else"},
        {"echo >> dists/umd5/main/binary-amd64/Packages.gz", "is not of its size"},
        {"cd dists/umd5/main/binary-amd64 && cp Packages.gz p && printf x | "
         "dd of=p bs=1 seek=30 conv=notrunc && mv p Packages.gz",
         "binary-amd64/Packages.gz: is not of its SHA-256"},
        {"rm dists/umd5/main/binary-arm64/Packages.gz", "binary-arm64/Packages.gz"},
        {"rm dists/umd5/main/binary-arm64/by-hash/SHA256/*", "by-hash/SHA256/"},
        {"rm dists/umd5/main/Contents-amd64.gz", "main/Contents-amd64.gz"},
        {"rm dists/umd5/main/by-hash/SHA256/*", "main/by-hash/SHA256/"},
        {"echo >> dists/umd5/main/Contents-arm64.gz", "Contents-arm64.gz: is not of its size"}};
    for (const auto& [fault, said] : faults) {
        workshop_.run("rm -rf a && cp -r sound a && cd a && " + fault);
        EXPECT_NE(finding(workshop_.path("a")).find(said), std::string::npos)
            << fault << ": " << finding(workshop_.path("a"));
    }
}

TEST_F(Repository, IsFoundWantingWhereReleaseItselfIs) {
    compose("sound");
    const std::vector<std::pair<std::string, std::string>> faults{
        {"/^Date/d", "no Date"},
        {"s/^Date: .*/Date: yesterday/", "not a date"},
        {"s/^Valid-Until: .*/Valid-Until: Sun, 22 Nov 2026 14:48:57 UTC/", "expires at its Date"},
        {"/^Architectures/d", "no Architectures"},
        {"/main.Contents-amd64$/d", "does not list main/Contents-amd64"},
        {"/main.Contents-amd64.gz$/d", "does not list main/Contents-amd64.gz"},
        {"s/^ ......\\(.*Contents-amd64\\)$/ 000000\\1/", "Contents-amd64.gz: does not hold what"},
        {"s/ [0-9]* \\(main.Contents-amd64\\)$/ 1 \\1/", "Contents-amd64.gz: does not hold what"},
        {"/binary-amd64.Packages.gz$/d", "does not list main/binary-amd64/Packages.gz"},
        {"/binary-amd64.Packages$/d", "does not list main/binary-amd64/Packages"},
        {"s/^Architectures: .*/Architectures: amd64 arm64 riscv64/",
         "does not list main/binary-riscv64"}};
    for (const auto& [fault, said] : faults) {
        workshop_.run("rm -rf a && cp -r sound a && sed -i '" + fault + "' a/dists/umd5/Release");
        seal(workshop_.path("a"));
        EXPECT_NE(finding(workshop_.path("a")).find(said), std::string::npos)
            << fault << ": " << finding(workshop_.path("a"));
    }
}

TEST_F(Repository, OffersPatchesOfWhatItFollows) {
    const std::string patch = compose_with_patch();
    EXPECT_EQ(patch, "dists/umd5/main/binary-amd64/Packages.diff/000007-" +
                         core::sha256_file(workshop_.path("sound/" + patch)).hex() + ".gz");
    const std::string release = core::read_file(workshop_.path("sound/dists/umd5/Release"));
    EXPECT_NE(release.find(" main/binary-amd64/Packages.diff/Index\n"), std::string::npos);
    EXPECT_EQ(release.find(" main/binary-arm64/Packages.diff/Index\n"), std::string::npos);
    seal(workshop_.path("sound"));
    EXPECT_EQ(finding(workshop_.path("sound")), "");
    workshop_.run(
        "zcat earlier/dists/umd5/main/binary-amd64/Packages.gz > before && "
        "/usr/lib/apt/methods/rred -t before patched sound/" +
        patch + " && zcat sound/dists/umd5/main/binary-amd64/Packages.gz | cmp patched -");
}

TEST_F(Repository, IsFoundWantingWhereItsPatchesAre) {
    const std::string patch = compose_with_patch();
    seal(workshop_.path("sound"));
    const std::string patches = "dists/umd5/main/binary-amd64/Packages.diff";
    const std::vector<std::pair<std::string, std::string>> faults{
        {"rm " + patch, ".gz: is not of its size"},
        {"echo >> " + patch, ".gz: is not of its size"},
        {"printf x | dd of=" + patch + " bs=1 seek=20 conv=notrunc", ".gz: is not of its SHA"},
        {"rm " + patches + "/Index", "Packages.diff/Index"},
        {"rm " + patches + "/by-hash/SHA256/*", "by-hash/SHA256/"}};
    for (const auto& [fault, said] : faults) {
        workshop_.run("rm -rf a && cp -r sound a && cd a && " + fault);
        EXPECT_NE(finding(workshop_.path("a")).find(said), std::string::npos)
            << fault << ": " << finding(workshop_.path("a"));
    }
}

TEST_F(Repository, IsFoundWantingWhereItsIndexOfPatchesIs) {
    const std::string patch = compose_with_patch();
    const auto digest_of = [&](const std::string& file) {
        return workshop_.run("zcat " + file + ".gz | sha256sum | head -c 64");
    };
    const std::string packages = "/dists/umd5/main/binary-amd64/Packages";
    const std::string now = digest_of("sound" + packages);
    const std::string then = digest_of("earlier" + packages);
    const std::string none(64, '0');
    const std::string script = workshop_.run("zcat sound/" + patch + " | sha256sum | head -c 64");
    const std::vector<std::array<std::string, 3>> faults{
        {"-Current: " + now, "-Current: " + none, "Index: does not lead to main/binary-amd64/"},
        {"History:\n " + then, "History:\n " + now, "Index: leads in a circle"},
        {"Patches:\n " + script, "Patches:\n " + none, ".gz: does not hold what"},
        {"Patches:\n " + script + " ", "Patches:\n " + script + " 1", ".gz: does not hold"},
        {"SHA256-Patches", "SHA512-Patches", "not a line of it"}};
    for (const auto& [from, to, said] : faults) {
        workshop_.run("rm -rf a && cp -r sound a");
        edit_patches(from, to);
        EXPECT_NE(finding(workshop_.path("a")).find(said), std::string::npos)
            << to << ": " << finding(workshop_.path("a"));
    }
}

TEST(Sections, AreChosenByArchitectureAndComponent) {
    const Workshop workshop;
    core::Platform platform;
    platform.name = "debian12";
    platform.architectures = {"amd64", "arm64"};
    platform.components = {"main", "contrib"};
    const auto indexes = [&](const std::string& architecture, const std::string& component) {
        core::Package package;
        package.name = "argus";
        package.architecture = architecture;
        package.every_architecture = architecture == "all";
        package.component = component;
        std::vector<std::string> found;
        for (const auto& section : workshop.backend().sections(platform, &package)) {
            EXPECT_EQ(section.tree, "");
            found.push_back(section.index);
        }
        return found;
    };
    using List = std::vector<std::string>;
    EXPECT_EQ(indexes("arm64", "main"), List{"main/binary-arm64"});
    EXPECT_EQ(indexes("amd64", "contrib"), List{"contrib/binary-amd64"});
    EXPECT_EQ(indexes("amd64", "non-free"), List{"main/binary-amd64"});
    EXPECT_EQ(indexes("all", "main"), (List{"main/binary-amd64", "main/binary-arm64"}));
    EXPECT_EQ(workshop.backend().sections(platform, nullptr).size(), 4u);
    EXPECT_THROW(indexes("riscv64", "main"), core::Refused);
}

TEST(ClientFile, IsOneParagraphWithTheKeyInIt) {
    const Workshop workshop;
    core::ClientEntry entry;
    entry.platform.architectures = {"amd64", "arm64"};
    entry.title = "UMD 5\n\nTypes: deb";
    entry.suite = "umd5";
    entry.url = "https://example.org/production/umd5/debian12";
    entry.public_key = "-----BEGIN-----\n\nmQ==\n=abcd\n-----END-----\n";
    entry.enabled = true;
    EXPECT_EQ(workshop.backend().client_file(entry),
              "# UMD 5\\x0a\\x0aTypes: deb\n"
              "Types: deb\n"
              "URIs: https://example.org/production/umd5/debian12\n"
              "Suites: umd5\n"
              "Components: main\n"
              "Architectures: amd64 arm64\n"
              "Signed-By:\n -----BEGIN-----\n .\n mQ==\n =abcd\n -----END-----\n");
}
