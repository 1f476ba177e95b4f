// SPDX-License-Identifier: GPL-3.0-or-later
// What is read from a package, and what the index says of it; apt-ftparchive is the judge.
#include "backends/apt/stanza.hpp"

#include <gtest/gtest.h>

#include "backends/apt/control.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

core::Package describe(const std::string& control) {
    return apt::describe_package(apt::parse_control(control));
}

std::string refusal(const std::string& control) {
    try {
        describe(control);
    } catch (const core::Refused& refused) {
        return refused.code();
    }
    return "taken";
}

std::map<std::string, std::string> by_name(const std::string& paragraph) {
    std::map<std::string, std::string> fields;
    for (const apt::Field& field : apt::parse_control(paragraph)) {
        fields[core::lower(field.name)] = field.value;
    }
    return fields;
}

const std::string many_fields =
    "Source: argus-suite (1.7-1)\n"
    "Section: net\n"
    "Priority: optional\n"
    "Depends: libc6 (>= 2.36),\n zlib1g\n"
    "Conflicts: argus-old\n"
    "Replaces: argus-old\n"
    "X-Custom: kept\n"
    "Multi-Arch: same\n"
    "Installed-Size: 12\n"
    "Homepage: https://example.org/argus\n"
    "Vcs-Git: https://example.org/argus.git\n";

}  // namespace

TEST(Stanza, SaysWhatAptFtparchiveSays) {
    const Workshop workshop;
    const auto file = workshop.build("argus", "2:1.7.3-1~deb12", "amd64", many_fields);
    const core::Package package = workshop.admit(file);
    const auto fragments = apt::AptInspector(workshop.cache()).fragments(package.digest, file);
    auto ours = by_name(fragments.at(0));
    auto theirs =
        by_name(workshop.run("apt-ftparchive --db '' --md5=false --sha1=false --sha512=false"
                             " packages " +
                             file.filename().string()));
    EXPECT_EQ(ours["filename"], "pool/main/a/argus-suite/argus_1.7.3-1~deb12_amd64.deb");
    ours.erase("filename");
    theirs.erase("filename");
    for (const char* weak : {"md5sum", "sha1", "sha512"}) theirs.erase(weak);
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(fragments.at(1), "usr/share/argus/version\n");
}

TEST(Stanza, BeginsWithThePackageAndEndsWithOneBlankLine) {
    const auto control = apt::parse_control(
        "Description: x\n y\nVersion: 1\nArchitecture: all\nZ: z\npackage: argus\n");
    core::Package package = apt::describe_package(control);
    package.size = 5;
    package.digest = core::sha256("");
    EXPECT_EQ(apt::stanza(control, package),
              "Package: argus\nVersion: 1\nArchitecture: all\nZ: z\n"
              "Filename: pool/main/a/argus/argus_1_all.deb\nSize: 5\n"
              "SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
              "Description: x\n y\n\n");
}

TEST(Stanza, IgnoresWhatAPackageSaysOfItsOwnIndexEntry) {
    const auto control = apt::parse_control(
        minimal_control("Filename: ../../etc/passwd\nsize: 1\nSHA256: 00\nMD5sum: 00\nSHA1: 0\n"
                        "Status: install ok installed\nDescription-md5: 0\nSHA512: 0\n"));
    const std::string text = apt::stanza(control, apt::describe_package(control));
    EXPECT_EQ(text.find("passwd"), std::string::npos);
    for (const char* name : {"\nsize: ", "\nMD5sum", "\nSHA1", "\nSHA512", "\nStatus", "-md5"}) {
        EXPECT_EQ(text.find(name), std::string::npos) << name;
    }
}

TEST(Description, TakesIdentityFromTheControlFile) {
    const core::Package package = describe(
        "Package: libargus2\nVersion: 2:1.7.3-1\nArchitecture: arm64\nSource: libargus "
        "(1.7)\nSection: contrib/net\n");
    EXPECT_EQ(package.name, "libargus2");
    EXPECT_EQ(package.epoch, "2");
    EXPECT_EQ(package.version, "1.7.3");
    EXPECT_EQ(package.release, "1");
    EXPECT_EQ(package.full_version(), "2:1.7.3-1");
    EXPECT_EQ(package.component, "contrib");
    EXPECT_FALSE(package.every_architecture);
    EXPECT_EQ(package.path, "pool/contrib/liba/libargus/libargus2_1.7.3-1_arm64.deb");
}

TEST(Description, OfNamesAgainstPolicyIsRefused) {
    const std::string rest = "Version: 1\nArchitecture: all\n";
    for (const char* name : {"", "a", "A-b", "-ab", "a_b", "a/b", "../ab", "a b", ".ab",
                             "\xc3\xa4"
                             "ab",
                             "ab\n cd"}) {
        EXPECT_EQ(refusal("Package: " + std::string(name) + "\n" + rest), "package-name") << name;
    }
    for (const char* version : {"", "x", "1/2", "1 2", "1-"}) {
        EXPECT_EQ(
            refusal("Package: ab\nArchitecture: all\nVersion: " + std::string(version) + "\n"),
            "package-name")
            << version;
    }
    for (const char* architecture :
         {"", "any", "source", "linux-any", "a/b", "amd64 arm64", "..", "-"}) {
        EXPECT_EQ(
            refusal("Package: ab\nVersion: 1\nArchitecture: " + std::string(architecture) + "\n"),
            "package-name")
            << architecture;
    }
    for (const char* source : {"../x", "x (1) y", "ab (", "ab ()", "ab (x)", "ab 1"}) {
        EXPECT_EQ(refusal(minimal_control("Source: " + std::string(source) + "\n")), "package-name")
            << source;
    }
    EXPECT_EQ(refusal("Package: " + std::string(250, 'a') + "\n" + rest), "package-name");
    EXPECT_EQ(refusal(minimal_control("Package-Type: udeb\n")), "package-unsupported");
}

TEST(Description, OfStrangeSectionsStaysInMain) {
    for (const char* section : {"net", "../net", "/net", "Contrib/net", "a.b/net"}) {
        EXPECT_EQ(describe(minimal_control("Section: " + std::string(section) + "\n")).component,
                  "main")
            << section;
    }
}

TEST(Stanza, IsNotMadeOfBytesThatAreNotThoseOfTheDigest) {
    const Workshop workshop;
    const auto file = workshop.build("argus", "1.0", "all");
    const apt::AptInspector inspector(workshop.cache());
    const core::Digest digest = core::sha256_file(file);
    const auto other = workshop.build("argus", "1.1", "all");
    EXPECT_THROW(inspector.inspect(other, digest, {}), core::Error);
    EXPECT_THROW(inspector.fragments(digest, other), core::Error);
    EXPECT_NO_THROW(inspector.fragments(digest, file));
}
