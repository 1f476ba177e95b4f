// SPDX-License-Identifier: GPL-3.0-or-later
// The note by which `sluice bridge retry` asks the process that follows RT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/bridge/daemon.hpp"
#include "tests/scratch.hpp"

namespace {

TEST(RetryNote, IsAnEmptyFileOfTheTicketsNumber) {
    const tests::Scratch directory;
    const bridge::Files files{directory.path()};
    for (int i = 0; i < 2; ++i) bridge::ask_for_retry(files, 7);
    EXPECT_EQ(core::read_file(files.retries() / "7"), "");
}

TEST(RetryNote, APipeInItsPlaceIsToldAndNotWaitedFor) {
    const tests::Scratch directory;
    const bridge::Files files{directory.path()};
    core::make_directories(files.retries());
    ASSERT_EQ(::mkfifo((files.retries() / "7").c_str(), 0644), 0);
    ::alarm(20);  // ends the process, where it waits
    try {
        bridge::ask_for_retry(files, 7);
        ADD_FAILURE() << "written into a pipe";
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("retry/7 is not a regular file"));
    }
    ::alarm(0);
}

}  // namespace
