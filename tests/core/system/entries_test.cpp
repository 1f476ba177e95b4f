// SPDX-License-Identifier: GPL-3.0-or-later
// "Not there" and "cannot be told" are two things.
#include "core/system/entries.hpp"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::Absent;
using core::Kind;
using core::Links;
using testing::UnorderedElementsAre;

class Entries : public testing::Test {
  protected:
    void SetUp() override {
        core::make_directories(directory / "tree/below/deep");
        core::write_file(directory / "tree/file", "x");
        core::write_file(directory / "tree/below/deep/file", "123");
        std::filesystem::create_symlink("below", directory / "tree/link");
        ASSERT_EQ(::mkfifo((directory / "tree/pipe").c_str(), 0600), 0);
    }

    std::vector<std::string> names(const std::vector<core::Entry>& found) const {
        std::vector<std::string> names;
        for (const core::Entry& entry : found) {
            const char* const kinds[] = {"file", "directory", "link", "other"};
            names.push_back(entry.path.lexically_relative(directory.path()).string() + " " +
                            kinds[static_cast<int>(entry.kind)]);
        }
        return names;
    }

    tests::Scratch directory;
};

TEST_F(Entries, AreAllThatIsThere) {
    EXPECT_THAT(names(core::entries(directory / "tree")),
                UnorderedElementsAre("tree/file file", "tree/link link", "tree/pipe other",
                                     "tree/below directory"));
    EXPECT_THAT(names(core::files_below(directory / "tree")),
                UnorderedElementsAre("tree/file file", "tree/link link", "tree/pipe other",
                                     "tree/below/deep/file file"));
}

TEST_F(Entries, OfWhatIsNoDirectoryAreNoneOnlyWhereThatIsMeant) {
    for (const auto& path : {directory / "missing", directory / "tree/file"}) {
        EXPECT_THROW(core::entries(path), core::Error);
        EXPECT_THROW(core::files_below(path), core::Error);
        EXPECT_TRUE(core::entries(path, Absent::is_empty).empty());
        EXPECT_TRUE(core::files_below(path, Absent::is_empty).empty());
    }
}

TEST_F(Entries, AreNeverFewerBecauseTheDiskDidNotAnswer) {
    for (const char* call : {"opendir", "readdir"}) {
        const Fault fault(call, "/tree", EIO);
        EXPECT_THROW(core::entries(directory / "tree", Absent::is_empty), core::Error) << call;
    }
    for (const char* call : {"opendir", "readdir"}) {
        const Fault fault(call, "/deep", EACCES);
        EXPECT_THROW(core::files_below(directory / "tree", Absent::is_empty), core::Error) << call;
    }
}

TEST_F(Entries, AreKnownByWhatTheyAre) {
    EXPECT_EQ(core::kind_of(directory / "tree"), Kind::directory);
    EXPECT_EQ(core::kind_of(directory / "tree/link"), Kind::directory);
    EXPECT_EQ(core::kind_of(directory / "tree/link", Links::are_seen), Kind::link);
    EXPECT_EQ(core::kind_of(directory / "tree/pipe"), Kind::other);
    EXPECT_EQ(core::kind_of(directory / "missing"), std::nullopt);
    EXPECT_EQ(core::kind_of(directory / "tree/file/below"), std::nullopt);
    EXPECT_TRUE(core::is_file(directory / "tree/file"));
    EXPECT_FALSE(core::is_file(directory / "tree"));
    EXPECT_EQ(core::size_of(directory / "tree/below/deep/file"), 3u);
    EXPECT_EQ(core::size_of(directory / "tree"), std::nullopt);
    EXPECT_EQ(core::size_of(directory / "missing"), std::nullopt);
    EXPECT_TRUE(core::same_file(directory / "tree/file", directory / "tree/file"));
    EXPECT_FALSE(core::same_file(directory / "tree/file", directory / "tree/below/deep/file"));
    EXPECT_FALSE(core::same_file(directory / "missing", directory / "missing"));
}

TEST_F(Entries, ThatCannotBeExaminedAreNotAbsent) {
    const auto file = directory / "tree/file", link = directory / "tree/link";
    for (const int reason : {EIO, EACCES, ENOMEM, ELOOP}) {
        for (const char* call : {"stat", "lstat"}) {
            const Fault fault(call, "/tree/file", reason, 100);
            const bool seen = std::string(call) == "lstat";
            const Links links = seen ? Links::are_seen : Links::are_followed;
            EXPECT_THROW(core::status_of(file, links), core::Error) << call << reason;
            EXPECT_THROW(core::kind_of(file, links), core::Error) << call << reason;
            EXPECT_THROW(core::is_file(file, links), core::Error) << call << reason;
            if (seen) {
                EXPECT_THROW(core::same_file(file, link), core::Error);
                EXPECT_THROW(core::same_file(link, file), core::Error);
            } else {
                EXPECT_THROW(core::size_of(file), core::Error);
            }
        }
        const Fault fault("readlink", "/tree/link", reason);
        EXPECT_THROW(core::pointed(link), core::Error) << reason;
    }
}

TEST_F(Entries, AreLinksOrNot) {
    EXPECT_EQ(core::pointed(directory / "tree/link"), "below");
    EXPECT_EQ(core::pointed(directory / "missing"), "");
    EXPECT_EQ(core::pointed(directory / "tree/file/below"), "");
    EXPECT_THROW(core::pointed(directory / "tree/file"), core::Error);
    try {
        core::pointed(directory / "tree");
        ADD_FAILURE();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("copy with `cp -a` or `rsync -aH`"));
    }
}

}  // namespace
}  // namespace core_test
