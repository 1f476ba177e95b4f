// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/pool.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;

class Pool : public testing::Test {
  protected:
    core::Digest adopted(const std::string& bytes) {
        core::write_file(directory / "scratch", bytes);
        pool.adopt(directory / "scratch", core::sha256(bytes), "rpm");
        EXPECT_FALSE(fs::exists(directory / "scratch"));
        return core::sha256(bytes);
    }

    tests::Scratch directory;
    core::Pool pool{directory / "pool"};
};

TEST_F(Pool, HoldsAContentOnceAndReadOnly) {
    const core::Digest digest = adopted("abc");
    EXPECT_TRUE(pool.holds(digest, "rpm"));
    EXPECT_FALSE(pool.holds(digest, "deb"));
    const fs::path file = pool.file(digest, "rpm");
    EXPECT_EQ(file, directory / "pool/ba" / (digest.hex() + ".rpm"));
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0444u);
    adopted("abc");
    struct stat again {};
    ASSERT_EQ(::stat(file.c_str(), &again), 0);
    EXPECT_EQ(again.st_ino, status.st_ino) << "the file that is there stays";
}

TEST_F(Pool, ANameBelongsToTheFirstContentThatTookIt) {
    const core::Digest first = adopted("first"), second = adopted("second");
    EXPECT_FALSE(pool.name_taken("rpm", "a.rpm", first));
    pool.claim("rpm", "a.rpm", first);
    pool.claim("rpm", "a.rpm", first);
    EXPECT_FALSE(pool.name_taken("rpm", "a.rpm", first));
    EXPECT_TRUE(pool.name_taken("rpm", "a.rpm", second));
    EXPECT_FALSE(pool.name_taken("deb", "a.rpm", second)) << "each format has names of its own";
    EXPECT_EQ(core::read_file(pool.name_link("rpm", "a.rpm")), "first");
}

TEST_F(Pool, AClaimReplacesOneThatNoReleaseBacks) {
    const core::Digest first = adopted("first"), second = adopted("second");
    pool.claim("rpm", "a.rpm", first);
    pool.claim("rpm", "a.rpm", second);
    EXPECT_TRUE(pool.name_taken("rpm", "a.rpm", first));
    EXPECT_EQ(core::read_file(pool.name_link("rpm", "a.rpm")), "second");
    EXPECT_EQ(core::read_file(pool.file(first, "rpm")), "first");
}

TEST_F(Pool, NothingIsClaimedForAContentThatIsNotThere) {
    EXPECT_THROW(pool.claim("rpm", "a.rpm", core::sha256("missing")), core::Error);
    EXPECT_THROW(pool.adopt(directory / "missing", core::sha256("x"), "rpm"), core::Error);
}

}  // namespace
}  // namespace core_test
