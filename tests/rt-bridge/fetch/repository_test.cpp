// SPDX-License-Identifier: GPL-3.0-or-later
// yum and apt repositories, made with the real tools and then spoilt.
#include <fstream>
#include <regex>

#include "core/model/digest.hpp"
#include "rt-bridge/fetch/fetcher.hpp"
#include "signing/verifier.hpp"
#include "tests/rt-bridge/fetch/fetching.hpp"

namespace fetch {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

class Repository : public tests::Fetching {
  protected:
    std::unique_ptr<core::Verifier> trusting(const std::string& key) const {
        const std::vector<std::string> keys{core::read_file(root_ / key)};
        return std::make_unique<signing::FreshVerifier>(scratch_.path(), keys);
    }

    void edit(const fs::path& file, const std::string& pattern, const std::string& replacement) {
        const std::string before = core::read_file(file);
        const std::string after = std::regex_replace(before, std::regex(pattern), replacement);
        ASSERT_NE(before, after) << pattern;
        std::ofstream(file, std::ios::trunc) << after;
    }

    void run(const std::string& command) {
        ASSERT_EQ(std::system(("cd '" + root_.string() + "' && " + command).c_str()), 0);
    }
};

class Yum : public Repository {
  protected:
    Source source() const { return {Kind::yum, {url("/files/yum")}, "", {}}; }

    /// Changes the primary index and describes it in repomd.xml, as its maker would.
    void spoil_primary(const std::string& pattern, const std::string& replacement) {
        const fs::path repodata = root_ / "yum/repodata";
        for (const auto& entry : fs::directory_iterator(repodata)) {
            const std::string name = entry.path().filename();
            if (name.find("primary") == std::string::npos) continue;
            run("gunzip '" + entry.path().string() + "'");
            const fs::path plain = repodata / name.substr(0, name.size() - 3);
            edit(plain, pattern, replacement);
            run("gzip -9n '" + plain.string() + "'");
            describe(name);
        }
    }

    void describe(const std::string& name) {
        const fs::path file = root_ / "yum/repodata" / name;
        const fs::path repomd = root_ / "yum/repodata/repomd.xml";
        std::string text = core::read_file(repomd);
        const std::size_t begin = text.find("<data type=\"primary\">");
        const std::size_t end = text.find("</data>", begin);
        std::string data = text.substr(begin, end - begin);
        data = std::regex_replace(data, std::regex("<checksum type=\"sha256\">[0-9a-f]*"),
                                  "<checksum type=\"sha256\">" + core::sha256_file(file).hex());
        data = std::regex_replace(data, std::regex("<size>[0-9]*"),
                                  "<size>" + std::to_string(fs::file_size(file)));
        std::ofstream(repomd, std::ios::trunc) << text.replace(begin, end - begin, data);
    }
};

TEST_F(Yum, AllItsPackagesAreFetched) {
    EXPECT_EQ(fetch(source(), settings()), into_);
    EXPECT_EQ(fetched(), (Names{"Packages/tool-1.0-1.el9.noarch.rpm"}));
}

TEST_F(Yum, TheSignatureCountsIfAKeyIsConfigured) {
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "");
    EXPECT_EQ(code(source(), settings(), trusting("other.asc").get()), "unknown-key");
    edit(root_ / "yum/repodata/repomd.xml", "<revision>", "<revision>1");
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "bad-signature");
    fs::remove(root_ / "yum/repodata/repomd.xml.asc");
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "repository-unsigned");
    EXPECT_EQ(code(source(), settings()), "");
}

TEST_F(Yum, AnAlteredPackageIsRefused) {
    std::fstream file(root_ / "yum/Packages/tool-1.0-1.el9.noarch.rpm");
    file.seekp(300) << "x";
    file.close();
    EXPECT_EQ(code(source(), settings()), "download-mismatch");
}

TEST_F(Yum, IndexesThatRepomdDoesNotDescribeAreRefused) {
    edit(root_ / "yum/repodata/repomd.xml", "<checksum type=\"sha256\">.{16}",
         "<checksum type=\"sha256\">0123456789abcdef");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
}

TEST_F(Yum, AReferenceThatLeavesTheRepositoryIsRefused) {
    spoil_primary("href=\"[^\"]*\"", "href=\"../apt/x.rpm\"");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    spoil_primary("href=\"[^\"]*\"", "href=\"http://evil.example.org/x.rpm\"");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    spoil_primary("href=\"[^\"]*\"", "href=\"a.rpm\" xml:base=\"http://evil.example.org/\"");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    edit(root_ / "yum/repodata/repomd.xml", "href=\"repodata/", "href=\"../yum/repodata/");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
}

TEST_F(Yum, ABombIsNotOpened) {
    const fs::path repodata = root_ / "yum/repodata";
    for (const auto& entry : fs::directory_iterator(repodata)) {
        const std::string name = entry.path().filename();
        if (name.find("primary") == std::string::npos) continue;
        run("head -c 400000000 /dev/zero | gzip -9 > '" + entry.path().string() + "'");
        describe(name);
    }
    EXPECT_NE(code(source(), settings()), "") << "zeros are no XML";
    Settings small = settings();
    small.bounds.indexes.bytes = 100'000;
    EXPECT_EQ(code(source(), small), "download-limit") << "as downloaded";
    EXPECT_NE(text_.find("download.index_megabytes"), std::string::npos) << text_;
}

TEST_F(Yum, WhatIsNoRepositoryIsRefused) {
    EXPECT_EQ(code({Kind::yum, {url("/files/apt")}, "", {}}, settings()), "download-failed");
    std::ofstream(root_ / "yum/repodata/repomd.xml", std::ios::trunc) << "<html>log in</html";
    EXPECT_NE(code(source(), settings()), "");
    std::ofstream(root_ / "yum/repodata/repomd.xml", std::ios::trunc) << "<repomd></repomd>";
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    EXPECT_EQ(code({Kind::yum, {"http://other.example.org/yum"}, "", {}}, settings()),
              "download-forbidden");
}

class Apt : public Repository {
  protected:
    Source source(const std::string& suite = "stable",
                  const std::vector<std::string>& components = {}) const {
        return {Kind::apt, {url("/files/apt")}, suite, components};
    }

    /// Changes a Packages file and describes it in InRelease, unsigned.
    void spoil_packages(const std::string& pattern, const std::string& replacement) {
        const fs::path suite = root_ / "apt/dists/stable";
        const fs::path packages = suite / "main/binary-amd64/Packages";
        edit(packages, pattern, replacement);
        std::ofstream(suite / "InRelease", std::ios::trunc)
            << "Components: main\nArchitectures: amd64\nSHA256:\n "
            << core::sha256_file(packages).hex() << " " << fs::file_size(packages)
            << " main/binary-amd64/Packages\n";
    }
};

TEST_F(Apt, AllPackagesOfASuiteAreFetched) {
    EXPECT_EQ(fetch(source(), settings()), into_);
    EXPECT_EQ(fetched(), (Names{"pool/main/t/tool_1_3a1.0-1_all.deb"}));
    EXPECT_EQ(code(source("stable", {"main"}), settings()), "");
    EXPECT_EQ(code(source("stable", {"extra"}), settings()), "repository-invalid");
}

TEST_F(Apt, AFlatRepositoryIsOneToo) {
    const Source flat{Kind::apt, {url("/files/flat")}, "./", {}};
    EXPECT_EQ(code(flat, settings()), "");
    EXPECT_EQ(fetched(), (Names{"tool_1_3a1.0-1_all.deb"}));
    EXPECT_EQ(code({Kind::apt, {url("/files")}, "flat/", {}}, settings()), "download-failed")
        << "its file names are relative to the URL before the suite";
    EXPECT_EQ(code(flat, settings(), trusting("key.asc").get()), "");
    EXPECT_EQ(code(flat, settings(), trusting("other.asc").get()), "unknown-key");
    fs::remove(root_ / "flat/Release.gpg");
    EXPECT_EQ(code(flat, settings(), trusting("key.asc").get()), "repository-unsigned");
}

TEST_F(Apt, TheSignatureCountsIfAKeyIsConfigured) {
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "");
    EXPECT_EQ(code(source(), settings(), trusting("other.asc").get()), "unknown-key");
    edit(root_ / "apt/dists/stable/InRelease", "Suite: stable", "Suite: stabler");
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "bad-signature");
    spoil_packages("Description:", "Description: x");
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "bad-signature");
    EXPECT_EQ(code(source(), settings()), "");
}

TEST_F(Apt, TextBeforeTheSignedPartIsNotBelieved) {
    edit(root_ / "apt/dists/stable/InRelease", "Hash: SHA256\n\n",
         "Hash: SHA256\n\nOrigin: evil\n");
    EXPECT_EQ(code(source(), settings(), trusting("key.asc").get()), "bad-signature");
}

TEST_F(Apt, AnExpiredReleaseIsRefused) {
    EXPECT_EQ(code(source("expired"), settings()), "repository-expired");
    EXPECT_EQ(code(source("expired"), settings(), trusting("key.asc").get()), "repository-expired");
}

TEST_F(Apt, AlteredFilesAreRefused) {
    std::ofstream(root_ / "apt/dists/stable/main/binary-amd64/Packages.gz", std::ios::app) << "x";
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    std::ofstream(root_ / "apt/pool/main/t/tool_1%3a1.0-1_all.deb", std::ios::app) << "x";
    spoil_packages("Description:", "Description: x");
    EXPECT_NE(code(source(), settings()), "");
}

TEST_F(Apt, AReferenceThatLeavesTheRepositoryIsRefused) {
    spoil_packages("Filename: .*", "Filename: pool/../../x.deb");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    spoil_packages("Filename: .*", "Filename: http://evil.example.org/x.deb");
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    EXPECT_EQ(code(source("../.."), settings()), "repository-invalid");
    EXPECT_EQ(code(source("stable", {"../.."}), settings()), "repository-invalid");
}

TEST_F(Apt, WhatIsNoRepositoryIsRefused) {
    EXPECT_EQ(code(source("missing"), settings()), "download-failed");
    std::ofstream(root_ / "apt/dists/stable/InRelease", std::ios::trunc) << "<html>log in</html>";
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
    std::ofstream(root_ / "apt/dists/stable/InRelease", std::ios::trunc) << "Suite: stable\n";
    EXPECT_EQ(code(source(), settings()), "repository-invalid");
}

/// Sources are remembered: each test hands out an older or newer state, signed by its maker.
class Replay : public Apt {
  protected:
    ~Replay() override { run("gpgconf --homedir \"$PWD/home\" --kill all"); }

    Source yum() const { return {Kind::yum, {url("/files/yum")}, "", {}}; }

    void sign(const std::string& options) {
        run("gpg --batch --quiet --yes --homedir \"$PWD/home\" " + options);
    }

    /// The suite's InRelease, made and signed that day in November 2020.
    void release_of(int day, const std::string& key = "key", const std::string& suite = "stable") {
        const fs::path release = fs::path("apt/dists") / suite;
        edit(root_ / release / "Release", "Date: .*",
             "Date: Mon, " + std::to_string(day) + " Nov 2020 12:00:00 UTC");
        sign("-u " + key + "@example.org --clear-sign -o " + (release / "InRelease").string() +
             " " + (release / "Release").string());
    }

    std::string apt_code(const std::string& key = "key.asc") {
        return code(source(), settings(), trusting(key).get());
    }
};

TEST_F(Replay, AnOlderReleaseThanWasSeenIsRefused) {
    release_of(12);
    EXPECT_EQ(apt_code(), "");
    EXPECT_EQ(apt_code(), "") << "equal is no replay";
    release_of(11);
    EXPECT_EQ(apt_code(), "source-replayed");
    EXPECT_TRUE(fetched().empty()) << "nothing is taken from it";
    for (const char* part : {"2020-11-11T12:00:00Z", "2020-11-12T12:00:00Z", "suite stable",
                             "sluice bridge forget-source 'http://127.0.0.1:"}) {
        EXPECT_NE(text_.find(part), std::string::npos) << part << " in " << text_;
    }
    EXPECT_EQ(code(source(), settings()), "") << "without a key nothing is compared";
    release_of(13);
    EXPECT_EQ(apt_code(), "");
    release_of(12);
    EXPECT_EQ(apt_code(), "source-replayed");
    EXPECT_EQ(seen_.forget(url("/files")), 0u);
    EXPECT_EQ(seen_.forget(url("/files/apt")), 1u);
    EXPECT_EQ(apt_code(), "");
}

TEST_F(Replay, SuitesAndKeysAreSourcesOfTheirOwn) {
    release_of(12);
    EXPECT_EQ(apt_code(), "");
    release_of(11, "other");
    EXPECT_EQ(apt_code("other.asc"), "");
    run("cp -r apt/dists/stable apt/dists/older");
    release_of(10, "key", "older");
    EXPECT_EQ(code(source("older"), settings(), trusting("key.asc").get()), "");
    release_of(10, "other");
    EXPECT_EQ(apt_code("other.asc"), "source-replayed");
    EXPECT_EQ(seen_.forget(url("/files/apt/")), 3u);
}

TEST_F(Replay, MirrorsThatOneAddressLeadsToShareIt) {
    run("cp -r apt mirror");
    const auto by_address = [&](const std::string& to) {
        fs::remove(root_ / "chosen");
        fs::create_directory_symlink(to, root_ / "chosen");
        return code({Kind::apt, {url("/files/chosen")}, "stable", {}}, settings(),
                    trusting("key.asc").get());
    };
    release_of(12);
    EXPECT_EQ(by_address("apt"), "");
    EXPECT_EQ(by_address("mirror"), "");
    EXPECT_EQ(by_address("apt"), "source-replayed");
}

TEST_F(Replay, OnlyWhatWasVerifiedAsAWholeIsRemembered) {
    const fs::path package = root_ / "apt/pool/main/t/tool_1%3a1.0-1_all.deb";
    const std::string bytes = core::read_file(package);
    std::ofstream(package, std::ios::app) << "x";
    release_of(12);
    EXPECT_NE(apt_code(), "");
    std::ofstream(package, std::ios::trunc) << bytes;
    release_of(11);
    EXPECT_EQ(apt_code(), "");
}

TEST_F(Replay, AYumRepositoryIsAsOldAsItsSignature) {
    const auto yum_code = [&] { return code(yum(), settings(), trusting("key.asc").get()); };
    run("cp yum/repodata/repomd.xml.asc older.asc");
    const std::string later = std::to_string(clock_.now().time_since_epoch().count() + 30);
    sign("-u key@example.org --faked-system-time " + later +
         " --armor --detach-sign yum/repodata/repomd.xml");
    EXPECT_EQ(yum_code(), "");
    EXPECT_EQ(yum_code(), "");
    run("cp older.asc yum/repodata/repomd.xml.asc");
    EXPECT_EQ(yum_code(), "source-replayed");
    EXPECT_EQ(seen_.forget(url("/files/yum/")), 1u);
    EXPECT_EQ(yum_code(), "");
}

/// What no signature of ours lacks: its creation time.
class Timeless : public core::Verifier {
    core::Verdict check_detached(std::string_view, std::string_view) const override {
        return {core::Verdict::Status::good, "ABCD", "", {}};
    }
    core::Verdict check_packet(std::string_view, std::string_view) const override { return {}; }
    core::Verdict check_clear_text(std::string_view, std::string&) const override { return {}; }
};

TEST_F(Replay, WithoutASignaturesTimeTheNewestIndexCounts) {
    const fs::path repomd = root_ / "yum/repodata/repomd.xml";
    const Timeless verifier;
    EXPECT_EQ(code(yum(), settings(), &verifier), "");
    const std::string newest = core::read_file(repomd);
    edit(repomd, "<timestamp>[0-9]*", "<timestamp>1600000000.5");
    EXPECT_EQ(code(yum(), settings(), &verifier), "source-replayed");
    EXPECT_NE(text_.find("2020-09-13T12:26:40Z"), std::string::npos) << text_;
    std::ofstream(repomd, std::ios::trunc)
        << std::regex_replace(newest, std::regex("timestamp"), "other");
    EXPECT_EQ(code(yum(), settings(), &verifier), "repository-invalid");
}

}  // namespace
}  // namespace fetch
