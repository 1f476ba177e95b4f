// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/source.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "tests/spent.hpp"

namespace fetch {
namespace {

TEST(Source, FilesAreUrlsBetweenBlanks) {
    EXPECT_EQ(source_of("http", " http://a.org/x.tar.gz \n"),
              (Source{Kind::files, {"http://a.org/x.tar.gz"}, "", {}}));
    EXPECT_EQ(source_of("", "https://a.org/1.rpm\n ftp://b.org/2.deb").urls.size(), 2u);
    EXPECT_EQ(source_of("ftp", "ftp://a.org/x.zip").kind, Kind::files);
}

TEST(Source, ARepositoryIsKnownByProtocolOrPath) {
    const Source yum{Kind::yum, {"http://a.org/repo"}, "", {}};
    EXPECT_EQ(source_of("yum", "http://a.org/repo"), yum);
    EXPECT_EQ(source_of(" YUM ", "http://a.org/repo/repodata/repomd.xml"), yum);
    EXPECT_EQ(source_of("http", "http://a.org/repo/repodata/"), yum);
}

TEST(Source, AnAptRepositoryIsALineOrASuitesUrl) {
    const Source apt{Kind::apt, {"http://a.org/debian"}, "stable", {"main", "extra"}};
    EXPECT_EQ(source_of("deb", "http://a.org/debian stable main extra"), apt);
    EXPECT_EQ(
        source_of("apt", "deb [arch=amd64 trusted=yes] http://a.org/debian stable main extra"),
        apt);
    const Source suite{Kind::apt, {"http://a.org/debian"}, "stable/updates", {}};
    EXPECT_EQ(source_of("deb", "http://a.org/debian/dists/stable/updates/InRelease"), suite);
    EXPECT_EQ(source_of("deb", "http://a.org/debian/dists/stable/updates/"), suite);
    EXPECT_EQ(source_of("deb", "http://a.org/flat ./").suite, "./");
}

TEST(Source, ADirectoryNeedsAProtocolThatCanListIt) {
    EXPECT_EQ(source_of("ftp", "ftp://a.org/dir/").kind, Kind::ftp_directory);
    EXPECT_EQ(source_of("rsync", "rsync://a.org/module/dir").kind, Kind::rsync);
    EXPECT_EQ(source_of("http", "rsync://a.org/module/dir").kind, Kind::rsync);
}

TEST(Source, WhatDoesNotSayWhereIsRefused) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"http", ""},
        {"http", "n/a"},
        {"http", "http://a.org/dir/"},
        {"", "/srv/release"},
        {"", "file:///srv/release"},
        {"ssh", "ssh://a.org/x"},
        {"deb", "http://a.org/debian"},
        {"deb", "http://a.org/debian/dists/"},
        {"deb", ""},
        {"deb", " "},
        {"", "\n"},
        {"deb", "deb [arch=amd64"},
        {"yum", "http://a.org/1 http://a.org/2"},
        {"yum", "a.org/repo"},
        {"rsync", "a.org::module"},
    };
    for (const auto& [protocol, location] : bad) {
        try {
            source_of(protocol, location);
            ADD_FAILURE() << protocol << " " << location;
        } catch (const core::Refused& refusal) {
            EXPECT_EQ(refusal.code(), "source-unknown");
            EXPECT_FALSE(refusal.remedy().empty());
            EXPECT_EQ(std::string(refusal.what()).find("\"\""), std::string::npos);
        }
    }
}

TEST(Source, OptionsWithoutEndTakeNoMoreTimeThanTheyAreLong) {
    std::string location = "deb";
    for (int i = 0; i < 200'000; ++i) location += " []";
    const tests::Spent spent = tests::spent_by(
        [&] { return source_of("deb", location + " http://a.org/debian stable main").suite; });
    EXPECT_EQ(spent.answer, "stable");
    EXPECT_LE(spent.seconds, 5);
}

}  // namespace
}  // namespace fetch
