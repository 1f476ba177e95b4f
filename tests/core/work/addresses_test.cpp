// SPDX-License-Identifier: GPL-3.0-or-later
// Where sites find what is published: as it was published, whatever sluice.toml says by now.
#include "core/work/addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Published : public testing::Test, public World {
  protected:
    Published() : World("public_url = \"https://a.org\"\n" + plain_configuration()) {}

    std::string url_of(const std::string& id) {
        const core::State state = depot->state();
        return core::addresses_of(*depot, state).release(depot->records.load(id), state);
    }

    std::vector<std::string> paths_of(const std::string& id) {
        std::vector<std::string> paths;
        for (const core::Repository& place :
             core::published_places(depot->records.load(id), depot->state())) {
            paths.push_back(place.path());
        }
        return paths;
    }
};

TEST_F(Published, PlacesOfAReleaseAreItsOwnWhileItHasSome) {
    const std::string both = admitted("both", "1", {"a 1 x86_64", "debian12/ b 1 amd64"});
    const std::string one = admitted("one", "1", {"one 1 x86_64"});
    EXPECT_THAT(paths_of(both), ElementsAre("unverified/umd5/releases/both-1/debian12",
                                            "unverified/umd5/releases/both-1/el9"));
    EXPECT_EQ(url_of(both), "https://a.org/unverified/umd5/releases/both-1/");
    promote(both, "stage-rollout");
    promote(one, "stage-rollout");
    EXPECT_THAT(paths_of(both),
                ElementsAre("stage-rollout/umd5/debian12", "stage-rollout/umd5/el9"));
    EXPECT_EQ(url_of(both), "https://a.org/stage-rollout/umd5/");
    EXPECT_EQ(url_of(one), "https://a.org/stage-rollout/umd5/el9/");
    operations().reject(one, asked);
    EXPECT_THAT(paths_of(one), IsEmpty());
    EXPECT_EQ(url_of(one), "");
}

TEST_F(Published, PlacesMoveWithTheCommitThatCarriesOutAChange) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    core::write_file(depot->layout.configuration(), plain_configuration() + R"(
[[stage]]
name = "new"
entry = true
[[stage]]
name = "unverified"
from = ["new"]
[[stage]]
name = "old"
archive = true
)");
    reopen();
    EXPECT_EQ(url_of(id), "https://a.org/unverified/umd5/releases/a-1/");
    operations().refresh(asked);
    EXPECT_EQ(url_of(id), core::Addresses(depot->layout, {}).root() + "/unverified/umd5/el9/");
}

TEST(FileUrl, IsPercentEncoded) {
    const core::Layout layout{"/srv/d\u00e9p\u00f4t #1/100%"};
    EXPECT_EQ(core::Addresses(layout, {}).repository({"production", "umd5", "", "el9", "x86_64"}),
              "file:///srv/d%C3%A9p%C3%B4t%20%231/100%25/public/production/umd5/el9/x86_64");
}

}  // namespace
}  // namespace core_test
