// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache.hpp"

#include <gtest/gtest.h>

#include "core/files.hpp"
#include "core/parallel.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

class Cache : public testing::Test {
  protected:
    tests::Scratch directory;
    core::Cache cache{directory / "fragments"};
};

TEST_F(Cache, GivesBackWhatWasPut) {
    EXPECT_EQ(cache.get("package/ab/x"), std::nullopt);
    for (const std::string& value :
         {std::string(), std::string("a\0\n", 3), std::string(1 << 20, 'x')}) {
        cache.put("package/ab/x", value);
        EXPECT_EQ(cache.get("package/ab/x"), value);
    }
    cache.remove("package/ab/x");
    cache.remove("package/ab/x");
    EXPECT_EQ(cache.get("package/ab/x"), std::nullopt);
}

TEST_F(Cache, TakesAnyDamageForAbsence) {
    cache.put("key", "value");
    const std::string good = core::read_file(directory / "fragments/key");
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        core::write_file(directory / "fragments/key", bad);
        EXPECT_EQ(cache.get("key"), std::nullopt) << i;
        core::write_file(directory / "fragments/key", good.substr(0, i));
        EXPECT_EQ(cache.get("key"), std::nullopt) << i;
    }
    core::write_file(directory / "fragments/key", good + "x");
    EXPECT_EQ(cache.get("key"), std::nullopt);
    std::filesystem::remove(directory / "fragments/key");
    std::filesystem::create_directories(directory / "fragments/key");
    EXPECT_EQ(cache.get("key"), std::nullopt);
}

TEST_F(Cache, MayBeDeletedAtAnyTime) {
    cache.put("a/b", "1");
    core::remove_tree(cache.directory());
    EXPECT_EQ(cache.get("a/b"), std::nullopt);
    cache.put("a/b", "2");
    EXPECT_EQ(cache.get("a/b"), "2");
}

TEST_F(Cache, IsUsedByManyAtOnce) {
    const std::string values[] = {std::string(5000, 'a'), std::string(9000, 'b')};
    core::parallel_for(200, [&](std::size_t i) {
        cache.put("shared/key", values[i % 2]);
        const auto value = cache.get("shared/key");
        ASSERT_TRUE(value == values[0] || value == values[1]);
    });
}

}  // namespace
}  // namespace core_test
