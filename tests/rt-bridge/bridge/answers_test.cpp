// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bridge {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Answers, TellWhatBecameOfTheKeysOfARelease) {
    const Configuration configuration;
    const Answers answers(configuration);
    ReleaseView release;
    release.id = "a-1";
    release.stage = "stage-rollout";
    const auto comment = [&] {
        return answers.done({}, rt::Action::move_to_stage_rollout, {7, "a-1", false}, release)
            .comment;
    };
    EXPECT_THAT(comment(), Not(HasSubstr("Warnings:")));
    release.last_warnings = {"a-1: warning: 1 package is signed by key F, which expired"};
    EXPECT_THAT(comment(), HasSubstr("\nWarnings:\n  a-1: warning: 1 package is signed by key F"));
    EXPECT_THAT(answers.followed({}, release).comment, HasSubstr("which expired"));
}

}  // namespace
}  // namespace bridge
