// SPDX-License-Identifier: GPL-3.0-or-later
// What the real createrepo_c program says of the same packages is what we say.
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>

#include "backends/yum/inspector.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

namespace fs = std::filesystem;
using workshop::must_run;
using workshop::quoted;
using workshop::Scratch;

const std::array<std::string, 3> kinds = {"primary", "filelists", "other"};

/// The <package> elements of an index, by the digest in them.
std::map<std::string, std::string> elements(const std::string& xml) {
    static const std::regex digest("[0-9a-f]{64}");
    std::map<std::string, std::string> result;
    for (std::size_t begin = xml.find("<package "); begin != std::string::npos;) {
        const std::string end_tag = "</package>\n";
        const std::size_t end = xml.find(end_tag, begin) + end_tag.size();
        const std::string element = xml.substr(begin, end - begin);
        std::smatch match;
        if (std::regex_search(element, match, digest)) result[match.str()] = element;
        begin = xml.find("<package ", end);
    }
    return result;
}

/// The one thing that is ours: the build time instead of the file's.
std::string without_file_time(const std::string& element) {
    static const std::regex time("<time file=\"[0-9]+\"");
    return std::regex_replace(element, time, "<time file=\"\"");
}

void compare_with_createrepo(const std::vector<fs::path>& packages) {
    const Scratch scratch;
    const yum::YumInspector inspector{core::Cache(scratch / "cache")};
    std::map<std::string, shards::Fragments> ours;
    for (const fs::path& file : packages) {
        const core::Digest digest = core::sha256_file(file);
        const core::Inspection inspection = inspector.inspect(file, digest, {});
        const fs::path place = scratch / "repo" / inspection.package.path;
        core::make_directories(place.parent_path());
        fs::create_symlink(file, place);
        ours[digest.hex()] = inspector.fragments(file, digest);
    }
    must_run("createrepo_c --quiet --no-database --simple-md-filenames --changelog-limit 10 " +
             quoted((scratch / "repo").string()));
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const std::string file = (scratch / "repo/repodata").string() + "/" + kinds[i] + ".xml.gz";
        const auto theirs = elements(must_run("zcat " + quoted(file)));
        ASSERT_EQ(theirs.size(), ours.size()) << kinds[i];
        for (const auto& [digest, element] : theirs) {
            ASSERT_EQ(without_file_time(ours[digest].at(i)), without_file_time(element));
        }
    }
}

TEST(Fragments, AreWhatCreaterepoSaysOfTheSamePackages) {
    ASSERT_GE(workshop::sound_packages().size(), 10u);
    compare_with_createrepo(workshop::sound_packages());
}

TEST(Fragments, AreWhatCreaterepoSaysOfACorpus) {
    const char* corpus = std::getenv("SLUICE_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "SLUICE_CORPUS names no directory of RPMs";
    std::vector<fs::path> packages;
    for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
        if (entry.path().extension() == ".rpm") packages.push_back(fs::absolute(entry.path()));
    }
    compare_with_createrepo(packages);
}

TEST(Fragments, DoNotDependOnLocaleOrFileTimes) {
    const Scratch scratch;
    const fs::path original = workshop::package("argus-1.7.3-1.el9.noarch.rpm");
    const core::Digest digest = core::sha256_file(original);
    const yum::YumInspector first{core::Cache(scratch / "one")};
    const auto expected = first.fragments(original, digest);

    fs::copy(original, scratch / "copy.rpm");
    fs::last_write_time(scratch / "copy.rpm", fs::file_time_type{});
    ::setenv("LANGUAGE", "de", 1);
    ::setenv("LC_ALL", "de_DE.UTF-8", 1);
    const yum::YumInspector second{core::Cache(scratch / "two")};
    EXPECT_EQ(second.fragments(scratch / "copy.rpm", digest), expected);
    ::unsetenv("LANGUAGE");
    ::unsetenv("LC_ALL");
    EXPECT_THAT(expected.at(0), testing::HasSubstr("Authorisation"));
    EXPECT_THAT(expected.at(0),
                testing::HasSubstr("<time file=\"1700000000\" build=\"1700000000\"/>"));
}

TEST(Fragments, OfALatin1ChangeLogAreUtf8) {
    const Scratch scratch;
    const fs::path file = workshop::package("latin-1-1.noarch.rpm");
    const yum::YumInspector inspector{core::Cache(scratch / "cache")};
    const auto fragments = inspector.fragments(file, core::sha256_file(file));
    EXPECT_THAT(fragments.at(2), testing::HasSubstr("Jos&#xE9;"));
    EXPECT_THAT(fragments.at(2), testing::HasSubstr("año"));
}

TEST(Fragments, AreMadeAgainWhenTheCacheIsLostOrDamaged) {
    const Scratch scratch;
    const fs::path file = workshop::package("lib-1.0-1.el9.x86_64.rpm");
    const core::Digest digest = core::sha256_file(file);
    const core::Cache cache(scratch / "cache");
    const yum::YumInspector inspector{cache};
    inspector.inspect(file, digest, {});
    const auto expected = inspector.fragments("/nowhere.rpm", digest);  // from the cache

    shards::save_fragments(cache, digest, {"not those of an RPM"});
    EXPECT_EQ(inspector.fragments(file, digest), expected);
    fs::remove_all(scratch / "cache");
    EXPECT_EQ(inspector.fragments(file, digest), expected);
    EXPECT_EQ(inspector.fragments("/nowhere.rpm", digest), expected);
}

}  // namespace
