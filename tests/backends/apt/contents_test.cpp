// SPDX-License-Identifier: GPL-3.0-or-later
// Contents say of packages what apt-ftparchive says of them, but for names that would forge a line.
#include "backends/apt/contents.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {
namespace fs = std::filesystem;

/// By path, the owners: their order is apt-ftparchive's own, which follows that of its reading.
using Contents = std::map<std::string, std::set<std::string>>;

Contents parsed(const std::string& text) {
    Contents contents;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto end = line.find_last_of(" \t");
        const auto path = line.find_last_not_of(" \t", end);
        std::istringstream owners(line.substr(end + 1));
        for (std::string owner; std::getline(owners, owner, ',');) {
            EXPECT_TRUE(contents[line.substr(0, path + 1)].insert(owner).second) << line;
        }
    }
    return contents;
}

class ContentsOfPackages : public testing::Test {
  protected:
    /// A package whose data are what a command leaves in the directory "tree".
    core::Package admit(const std::string& name, const std::string& fields,
                        const std::string& command, const std::string& architecture = "amd64",
                        const std::string& version = "1.0-1") {
        const std::string control =
            "Package: " + name + "\nVersion: " + version + "\nArchitecture: " + architecture +
            "\nMaintainer: Somebody <somebody@example.org>\n" + fields + "Description: a package\n";
        const std::string control_tar = workshop_.tar({{"control", control}}, "gzip -n");
        workshop_.run("rm -rf tree && mkdir tree && cd tree && " + command);
        workshop_.run("tar -C tree --format=gnu -c ./ | gzip -n > tree.tar");
        const fs::path file = workshop_.path(name + version + architecture + ".deb");
        core::write_file(
            file, Workshop::ar({{"debian-binary", "2.0\n"},
                                {"control.tar.gz", control_tar},
                                {"data.tar.gz", core::read_file(workshop_.path("tree.tar"))}}));
        core::make_directories(workshop_.path("debs"));
        fs::copy_file(file, workshop_.path("debs") / file.filename());
        packages_.push_back(workshop_.admit(file));
        return packages_.back();
    }

    std::string composed(const std::string& architecture = "amd64") {
        fs::remove_all(workshop_.path("out"));
        core::make_directories(workshop_.path("out"));
        workshop_.backend().compose(composition_of(workshop_.backend(), packages_),
                                    workshop_.path("out"));
        return workshop_.run("gzip -dc out/dists/umd5/main/Contents-" + architecture + ".gz");
    }

    /// With sections, as it makes them for a whole archive.
    std::string by_ftparchive() {
        core::write_file(workshop_.path("archive.conf"),
                         "Dir { ArchiveDir \".\"; CacheDir \".\"; };\n"
                         "Default { Packages::Compress \".\"; Contents::Compress \".\"; };\n"
                         "BinDirectory \"debs\" { Packages \"Packages-peer\"; Contents "
                         "\"Contents-peer\"; };\n");
        workshop_.run("rm -f Contents-peer packages-*.db; apt-ftparchive generate archive.conf");
        return core::read_file(workshop_.path("Contents-peer"));
    }

    Workshop workshop_;
    std::vector<core::Package> packages_;
};

constexpr const char* of_argus =
    "mkdir -p usr/bin usr/share/argus/empty usr/share/doc usr/lib && echo x > usr/bin/argus && "
    "ln -s argus usr/bin/argus-link && ln usr/bin/argus usr/bin/argus-hard && "
    "echo x > 'usr/share/argus/with blank' && echo x > 'usr/share/argus/a  b   c' && "
    "echo x > usr/share/argus/é && echo x > usr/share/argus/100% && "
    "echo x > 'usr/share/argus/a,b' && echo x > 'usr/share/argus/back\\slash' && "
    "echo x > usr/share/doc/shared && echo x > usr/share-doc && echo x > usr/share.txt && "
    "ln -s share usr/lib/link && mkfifo usr/lib/pipe && echo x > Upper && "
    "mkdir -p usr/$(printf 'd%.0s' $(seq 200))/$(printf 'e%.0s' $(seq 200)) && "
    "echo x > usr/$(printf 'd%.0s' $(seq 200))/$(printf 'e%.0s' $(seq 200))/$(printf 'f%.0s' "
    "$(seq 240))";

}  // namespace

TEST_F(ContentsOfPackages, AreThoseOfAptFtparchive) {
    admit("argus", "Section: net\n", of_argus);
    admit("argus", "Section: net\n", of_argus, "amd64", "1.1-1");
    admit("argus-data", "Section: contrib/net\n",
          "mkdir -p usr/share/doc && echo x > usr/share/doc/shared");
    admit("argus-doc", "Section: libs/\n",
          "mkdir -p usr/share/doc && echo x > usr/share/doc/shared", "all");
    admit("bare", "", "mkdir -p usr/share/doc && echo x > usr/share/doc/shared", "all");
    admit("nothing", "Section: net\n", "mkdir -p usr/share");
    const std::string text = composed();
    // It names a package of two versions twice.
    std::string peer = by_ftparchive();
    for (std::size_t at; (at = peer.find("net/argus,net/argus")) != std::string::npos;) {
        if (peer.compare(at, 20, "net/argus,net/argus-") == 0) break;
        peer.erase(at, 10);
    }
    EXPECT_EQ(parsed(text), parsed(peer));
    EXPECT_EQ(
        parsed(text).at("usr/share/doc/shared"),
        (std::set<std::string>{"bare", "contrib/net/argus-data", "libs/argus-doc", "net/argus"}));
    workshop_.run(
        "gzip -dc out/dists/umd5/main/Contents-amd64.gz | cut -d' ' -f1 | LC_ALL=C sort -c");
}

TEST_F(ContentsOfPackages, HaveThoseOfAllInEveryArchitecture) {
    admit("argus", "Section: net\n", "echo x > argus");
    admit("argus", "Section: net\n", "echo x > argus.arm", "arm64");
    admit("argus-doc", "Section: doc\n", "echo x > doc", "all");
    EXPECT_EQ(composed("amd64"), "argus net/argus\ndoc doc/argus-doc\n");
    EXPECT_EQ(composed("arm64"), "argus.arm net/argus\ndoc doc/argus-doc\n");
}

TEST_F(ContentsOfPackages, OfTwoArchitecturesMayBeTheSame) {
    admit("argus-doc", "Section: doc\n", "echo x > doc", "all");
    EXPECT_EQ(composed("amd64"), composed("arm64"));
    EXPECT_EQ(workshop_.run("ls out/dists/umd5/main/by-hash/SHA256 | wc -l"), "1\n");
}

TEST_F(ContentsOfPackages, CannotBeForgedByNames) {
    admit("evil", "Section: net\n",
          "mkdir -p \"$(printf 'evil\\rbin/sh shells')\" && "
          "printf x > \"$(printf 'evil\\rbin')/sh shells/good\" && "
          "printf x > \"$(printf 'tab\\tbin')\" && printf x > \"$(printf '\\033[2Jevil')\" && "
          "printf x > \"$(printf 'bad\\377utf')\" && printf x > 'bin  shells,good' && "
          "printf x > 'plain'");
    admit("other", "Section: net,admin/good shells\n", "printf x > other");
    EXPECT_EQ(composed(),
              "bin  shells,good net/evil\n"
              "other other\n"
              "plain net/evil\n");
}

TEST_F(ContentsOfPackages, AreLeftOutWhereThePlatformDoesNotWantThem) {
    admit("argus", "Section: net\n", "echo x > argus");
    core::Composition composition = composition_of(workshop_.backend(), packages_);
    composition.platform.contents = false;
    core::make_directories(workshop_.path("out"));
    workshop_.backend().compose(composition, workshop_.path("out"));
    EXPECT_EQ(workshop_.run("find out -name 'Contents*'"), "");
    EXPECT_EQ(workshop_.run("grep -c Contents out/dists/umd5/Release || true"), "0\n");
}

TEST(ContentsOwner, IsTheNameBehindTheSection) {
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: net\n\n"), "net/argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: non-free-firmware/net\n\n"),
              "non-free-firmware/net/argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nX-Section: net\n\n"), "argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: a b\n\n"), "argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: a,b\n\n"), "argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: net\n more\n\n"), "argus");
    EXPECT_EQ(apt::contents_owner("Package: argus\nSection: /\n\n"), "argus");
}
