// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/files.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using core::read_file;
using core::write_file;
using testing::HasSubstr;

class Files : public testing::Test {
  protected:
    tests::Scratch directory;

    std::size_t entries() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory.path())) ++count;
        return count;
    }
};

TEST_F(Files, AreReplacedAndNotWrittenInto) {
    const auto file = directory / "file", link = directory / "link";
    write_file(file, "old");
    fs::create_hard_link(file, link);
    write_file(file, std::string("n\0w", 3), true);
    EXPECT_EQ(read_file(file), std::string("n\0w", 3));
    EXPECT_EQ(read_file(link), "old");
    EXPECT_EQ(entries(), 2u) << "no temporary file stays";
}

TEST_F(Files, ThatCannotBeWrittenLeaveNothingBehind) {
    fs::create_directory(directory / "place");
    write_file(directory / "place/inside", "x");
    EXPECT_THROW(write_file(directory / "place", "x"), core::Error);
    EXPECT_THROW(write_file(directory / "missing/file", "x"), core::Error);
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AreReadUpToALimit) {
    write_file(directory / "file", "12345");
    EXPECT_EQ(read_file(directory / "file", 5), "12345");
    EXPECT_THROW(read_file(directory / "file", 4), core::Error);
    EXPECT_THROW(read_file(directory.path()), core::Error);
}

TEST_F(Files, OfNoRegularKindAreNotWaitedFor) {
    ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
    for (const fs::path& path : {directory / "pipe", directory.path(), fs::path("/dev/zero")}) {
        try {
            read_file(path);
            ADD_FAILURE() << path;
        } catch (const core::Error& error) {
            EXPECT_EQ(error.what(), path.string() + " is not a regular file");
        }
    }
}

TEST_F(Files, OfWhichSomebodyHasALeaseAreWaitedFor) {
    ::signal(SIGIO, SIG_IGN);  // by which the kernel asks for the lease back
    const fs::path file = directory / "leased";
    core::write_file(file, "x");
    const int holder = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (::fcntl(holder, F_SETLEASE, F_RDLCK) != 0) GTEST_SKIP() << "no leases here";
    std::jthread giving_up([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ::fcntl(holder, F_SETLEASE, F_UNLCK);
    });
    EXPECT_GE(core::File::open_to_write(file, 0).descriptor(), 0);
    giving_up.join();
    ::close(holder);
}

TEST_F(Files, ErrorsNameThePathAndTheReason) {
    try {
        read_file(directory / "missing");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr((directory / "missing").string()));
        EXPECT_THAT(error.what(), HasSubstr("No such file"));
    }
    EXPECT_THROW(core::make_directories("/proc/sluice/x"), core::Error);
    EXPECT_THROW(core::sync_directory(directory / "missing"), core::Error);
    EXPECT_THROW(core::move_file(directory / "missing", directory / "x"), core::Error);
}

TEST_F(Files, AHardLinkIsMadeOnceAndNeverOverAnother) {
    write_file(directory / "a", "a");
    write_file(directory / "b", "b");
    core::hard_link(directory / "a", directory / "link");
    core::hard_link(directory / "a", directory / "link");
    EXPECT_TRUE(core::same_file(directory / "a", directory / "link"));
    EXPECT_THROW(core::hard_link(directory / "b", directory / "link"), core::Error);
    EXPECT_THROW(core::hard_link(directory / "missing", directory / "x"), core::Error);
    EXPECT_EQ(read_file(directory / "link"), "a");
}

TEST_F(Files, ALinkIsPointedElsewhereInOneStep) {
    core::point(directory / "current", "one");
    core::point(directory / "current", "two");
    EXPECT_EQ(core::pointed(directory / "current"), "two");
    EXPECT_EQ(entries(), 1u);
    write_file(directory / "file", "x");
    fs::create_directories(directory / "full/of");
    EXPECT_THROW(core::point(directory / "full", "one"), core::Error);
    EXPECT_EQ(entries(), 3u);
}

TEST_F(Files, RemovingATreeDoesNotFollowLinks) {
    write_file(directory / "kept", "x");
    core::make_directories(directory / "tree");
    fs::create_symlink("../kept", directory / "tree/link");
    core::remove_tree(directory / "tree");
    core::remove_tree(directory / "tree");
    EXPECT_TRUE(fs::exists(directory / "kept"));
    EXPECT_FALSE(fs::exists(directory / "tree"));
}

TEST_F(Files, ACreatedFileMustBeNew) {
    core::File file = core::File::create(directory / "file", 0600);
    file.write("abc");
    file.sync();
    EXPECT_EQ(file.size(), 3u);
    file.close();
    EXPECT_THROW(core::File::create(directory / "file"), core::Error);
    struct stat status {};
    ASSERT_EQ(::stat((directory / "file").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(Files, OfAPrivateDirectoryAreForNobodyElse) {
    const mode_t before = ::umask(0);
    core::make_private_directory(directory / "private");
    core::make_private_directory(directory / "private");
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat((directory / "private").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0700u);
    write_file(directory / "file", "x");
    EXPECT_THROW(core::make_private_directory(directory / "file"), core::Error);
    EXPECT_THROW(core::make_private_directory(directory / "missing/private"), core::Error);
}

TEST_F(Files, AFullDiskIsAnError) {
    EXPECT_THROW(write_file("/dev/full/x", "x"), core::Error);
    core::File full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    EXPECT_THROW(full.write("x"), core::Error);
}

TEST_F(Files, AClosedFileIsAnErrorToUse) {
    core::File none;
    char byte = 0;
    EXPECT_THROW(none.read(&byte, 1), core::Error);
    EXPECT_THROW(none.write("x"), core::Error);
    EXPECT_THROW(none.sync(), core::Error);
    EXPECT_THROW(none.close(), core::Error);
    EXPECT_THROW(none.size(), core::Error);
}

/// How many descriptors fit into the table of this process.
int table_size() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        int size = 0;
        if (word == "FDSize:" && status >> size) return size;
    }
    return 0;
}

TEST_F(Files, RoomForManyOpenOnesIsMadeAtOnce) {
    ASSERT_LT(table_size(), 700);
    const auto descriptors = [] {
        return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    };
    const auto before = descriptors();
    core::expect_open_files(700);
    EXPECT_GE(table_size(), 700);
    EXPECT_EQ(descriptors(), before);
    core::expect_open_files(std::numeric_limits<int>::max());  // more than it may have
    EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace core_test
