// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/flusher.hpp"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

#include "core/model/error.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Flusher : public testing::Test {
  protected:
    tests::Scratch directory;
    core::Flusher flusher;

    void expect_failure(const std::string& name) {
        const Fault fault("fsync", name, EIO);
        try {
            flusher.flush();
            ADD_FAILURE() << "nothing was said of " << name;
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(),
                        testing::AllOf(HasSubstr(name), HasSubstr("Input/output error")));
        }
    }
};

TEST_F(Flusher, FlushesWhatItHasOnce) {
    const Fault file("fsync", "/file", 0, 0), place("fsync", "/place", 0, 0);
    core::make_directories(directory / "place");
    flusher.write_file(directory / "place/file", "x");
    flusher.add(directory / "place");
    EXPECT_EQ(file.met() + place.met(), 0) << "only when it is told to";
    flusher.add(directory / "place");
    flusher.flush();
    flusher.flush();
    EXPECT_EQ(file.met(), 1);
    EXPECT_EQ(place.met(), 1);
    EXPECT_EQ(core::read_file(directory / "place/file"), "x");
}

TEST_F(Flusher, NamesWhatWasLost) {
    flusher.write_file(directory / "one", "x");
    flusher.write_file(directory / "two", "x");
    expect_failure("/two");
    core::make_directories(directory / "tree/of/places");
    flusher.add_tree(directory / "tree");
    expect_failure("/of/places");
    flusher.add(directory / "tree/of/places", directory / "tree");
    expect_failure("/tree/of");
    flusher.add(directory / "missing");
    EXPECT_THROW(flusher.flush(), core::Error);
}

TEST_F(Flusher, HoldsFewFilesOpenHoweverManyThereAre) {
    const auto open = [] {
        return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    };
    const auto before = open();
    const Fault flushes("fsync", "", 0, 0);
    for (int i = 0; i < 1000; ++i) {
        flusher.write_file(directory / std::to_string(i), "x");
        ASSERT_LE(open(), before + 256);
    }
    flusher.flush();
    EXPECT_EQ(flushes.met(), 1000);
    EXPECT_EQ(open(), before);
}

}  // namespace
}  // namespace core_test
