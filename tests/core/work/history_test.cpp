// SPDX-License-Identifier: GPL-3.0-or-later
// What went wrong in eleven years of a real distribution, played again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::ElementsAre;

class History : public testing::Test, public World {
  protected:
    History() : World(plain_configuration("valid_days = 10000\n")) {}
    std::string in_production(const std::string& product, const std::string& version,
                              const std::vector<std::string>& packages) {
        const std::string id = admitted(product, version, packages);
        promote(id, "stage-rollout");
        promote(id, "production");
        return id;
    }
};

TEST_F(History, AReleaseThatForgotPackagesIsCompletedByTheNext) {
    in_production("argus", "1.7.0", {"argus 1.7.0 x86_64"});
    in_production("argus", "1.7.1", {"argus 1.7.0 x86_64", "argus-pep 1.7.0 x86_64"});
    EXPECT_THAT(seen("production"), ElementsAre("argus-1.7.0.x86_64", "argus-pep-1.7.0.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(History, ALibraryThatBrokeAnotherProductIsTakenBackAlone) {
    in_production("cream", "1", {"cream 1 x86_64", "canl 2 *"});
    const std::string breaks = in_production("voms", "3", {"voms 3 x86_64", "canl 3 *"});
    EXPECT_THAT(seen("production"),
                ElementsAre("canl-2.all", "cream-1.x86_64", "canl-3.all", "voms-3.x86_64"));
    operations().deprecate(breaks, asked);
    EXPECT_THAT(seen("production"), ElementsAre("canl-2.all", "cream-1.x86_64"));
}

TEST_F(History, APackageThatVanishedIsPublishedAgainFromTheOldRelease) {
    const std::string old = in_production("base", "1", {"lib 1 x86_64"});
    operations().deprecate(old, asked);
    clock.time += std::chrono::hours(1000);
    gc();
    in_production("base-again", "1", {"lib 1 x86_64"});
    EXPECT_THAT(seen("production"), ElementsAre("lib-1.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(History, CleaningUpOneProductLeavesTheOthersVersionOfAPackage) {
    in_production("a", "1", {"condor 23.0.12 x86_64"});
    const std::string b = in_production("b", "1", {"condor 23.0.16 x86_64"});
    operations().deprecate(b, asked);
    EXPECT_THAT(seen("production"), ElementsAre("condor-23.0.12.x86_64"));
    clock.time += std::chrono::hours(1000);
    EXPECT_EQ(gc().packages, 5u);  // what both left in the stages they went through
    EXPECT_THAT(seen("production"), ElementsAre("condor-23.0.12.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(History, APageOfAnErrorIsNoPackage) {
    const auto before = everything();
    EXPECT_REFUSED(admit("argus", "1", {"<html>404</html>"}), core::reason::package_corrupt);
    EXPECT_EQ(everything(), before);
}

TEST_F(History, AFailedUploadDeletesNothing) {
    in_production("argus", "1", {"argus 1 x86_64"});
    const auto before = everything();
    signer.sound = false;
    EXPECT_THROW(admit("argus", "2", {"argus 2 x86_64"}), core::Error);
    EXPECT_EQ(everything(), before);
}

}  // namespace
}  // namespace core_test
