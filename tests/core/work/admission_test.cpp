// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a bundle that is handed in: a release, the one that it was before, or a refusal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Standing;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Admission : public testing::Test, public World {};

TEST_F(Admission, TheSameBundleAgainChangesNothing) {
    admitted("argus", "1", {"argus 1 x86_64"});
    const auto before = everything();
    EXPECT_FALSE(admit("argus", "1", {"argus 1 x86_64"}).outcome.has_value());
    EXPECT_EQ(everything(), before);
}

TEST_F(Admission, ACheckSaysWhatTheAdmissionWould) {
    const auto check = [&](const std::string& version, const std::string& architecture) {
        const core::Bundle received =
            bundle("argus", version, {"argus " + version + " " + architecture});
        return operations().check(received, {}, asked);
    };
    const std::string id = admitted("argus", "2", {"argus 2 x86_64"});
    const auto before = everything();
    EXPECT_FALSE(check("2", "x86_64").outcome.has_value());
    EXPECT_EQ(check("2", "x86_64").release.id, id);
    EXPECT_FALSE(check("3", "x86_64").outcome->done);
    EXPECT_EQ(everything(), before);
    promote(id, "stage-rollout");
    EXPECT_REFUSED(check("2", "aarch64"), core::reason::already_released);
}

TEST_F(Admission, TheSamePackagesWithAnythingCorrectedAreAnotherRelease) {
    const std::vector<std::string> packages{"argus 1 x86_64"};
    const auto hand_in = [&](const std::function<void(core::Bundle&)>& correct) {
        core::Bundle again = bundle("argus", "1", packages);
        correct(again);
        return operations().admit(again, {}, asked);
    };
    const auto with_document = [&](const std::string& text) {
        return [this, text](core::Bundle& bundle) {
            core::ReceivedFile file;
            file.name = "comps.xml";
            file.file = scratch->directory() / "comps.xml";
            core::write_file(file.file, text);
            bundle.documents.push_back(file);
        };
    };
    hand_in([](core::Bundle&) {});
    EXPECT_EQ(hand_in(with_document("groups")).release.id, "argus-1~2");
    EXPECT_EQ(hand_in(with_document("other groups")).release.id, "argus-1~3");
    clock.time += hours(1);
    EXPECT_FALSE(hand_in(with_document("other groups")).outcome.has_value());
    EXPECT_EQ(hand_in([](core::Bundle& bundle) {
                  bundle.descriptor.release_notes = "from the ticket";
              }).release.id,
              "argus-1~4");
    EXPECT_EQ(standing(), (Standing{{"argus-1~4", "unverified"}}));
    EXPECT_EQ(findings(), "");
}

TEST_F(Admission, WhatAReleaseAddsToAnIndexIsBounded) {
    const auto hand_in = [&](std::size_t size) {
        core::Bundle handed_in = bundle("argus", "1", {"argus 1 x86_64"});
        for (const char* name : {"a.xml", "b.xml"}) {
            core::ReceivedFile file;
            file.name = name;
            file.file = scratch->directory() / name;
            core::write_file(file.file, name + std::string(size, '&'));
            handed_in.documents.push_back(file);
        }
        return operations().check(handed_in, {}, asked);
    };
    EXPECT_NO_THROW(hand_in(7u << 20));
    try {
        hand_in(8u << 20);
        ADD_FAILURE() << "was not refused";
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), core::reason::package_limit);
        EXPECT_THAT(refused.what(), HasSubstr("brings into notes of el9 would have 16777"));
        EXPECT_THAT(refused.what(), HasSubstr("at most 16 MiB"));
        EXPECT_THAT(refused.remedy(), HasSubstr("updateinfo_mb"));
    }
    std::string text = plain_configuration();
    text.replace(text.find("\"umd5\""), 6, "\"umd5\"\nlimits = { updateinfo_mb = 17 }");
    core::write_file(depot->layout.configuration(), text);
    reopen();
    EXPECT_NO_THROW(hand_in(8u << 20));
}

TEST_F(Admission, TheSameBundleForAnotherLineIsAnotherRelease) {
    admitted("argus", "1", {"argus 1 x86_64"});
    std::string text = plain_configuration();
    text.replace(text.find("umd5"), 4, "umd6");
    text.replace(text.find("umd4"), 4, "umd5");
    text.replace(text.find("umd6"), 4, "umd4");
    core::write_file(depot->layout.configuration(), text);  // umd4 is the default now
    reopen();
    EXPECT_TRUE(admit("argus", "1", {"argus 1 x86_64"}).outcome.has_value());
    EXPECT_EQ(standing(), (Standing{{"argus-1", "unverified"}, {"argus-1~2", "unverified"}}));
}

TEST_F(Admission, AResubmissionTakesThePlaceOfTheUnverifiedOne) {
    const std::string first = admitted("argus", "1", {"argus 1 x86_64"});
    const std::string second = admitted("argus", "1", {"argus 1 x86_64", "argus-fix 1 x86_64"});
    EXPECT_EQ(second, "argus-1~2");
    EXPECT_EQ(standing(), (Standing{{second, "unverified"}}));
    EXPECT_THAT(seen("unverified"), ElementsAre("argus-1.x86_64", "argus-fix-1.x86_64"));
    promote(second, "stage-rollout");
    EXPECT_REFUSED(admit("argus", "1", {"argus 1 x86_64"}), core::reason::already_released);
    EXPECT_EQ(findings(), "");
}

TEST_F(Admission, TwoProductsOfOneIdAreTwoReleases) {
    const std::string first = admitted("a-b", "1", {"ab 1 x86_64"});
    const std::string second = admitted("a", "b-1", {"a 1 x86_64"});
    EXPECT_EQ(standing(), (Standing{{first, "unverified"}, {second, "unverified"}}));
}

TEST_F(Admission, OtherBytesUnderAKnownNameAreRefusedForever) {
    const std::string id = admitted("argus", "1", {"argus 1 x86_64"});
    operations().reject(id, asked);
    EXPECT_THAT(standing(), IsEmpty());
    const auto before = everything();
    EXPECT_REFUSED(admit("other", "1", {"argus 1 x86_64 rebuilt"}),
                   core::reason::same_name_different_content);
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(admitted("other", "1", {"argus 1 x86_64"}), "other-1")
        << "the same bytes are welcome";
}

TEST_F(Admission, EveryFaultOfABundleIsToldAtOnce) {
    try {
        admit(
            "argus", "1",
            {"argus 1 x86_64", "two words", "argus 1 s390x", "crash", "memory", "nowhere/ b 1 *"});
        FAIL();
    } catch (const core::Refused& refused) {
        std::vector<std::string> codes;
        for (const core::Problem& problem : refused.report()) codes.push_back(problem.code);
        EXPECT_THAT(codes, testing::UnorderedElementsAre("package-corrupt", "architecture-unknown",
                                                         "package-corrupt", "package-limit",
                                                         "platform-unknown"));
    }
    EXPECT_EQ(depot->state().generation, 1u);
}

TEST_F(Admission, AReleaseWithoutItsNameOrVersionIsRefused) {
    for (const auto& [product, version, missing] :
         {std::tuple{"", "1", "name"}, {"argus", "", "version"}}) {
        try {
            admit(product, version, {"argus 1 x86_64"});
            ADD_FAILURE() << "admitted without a " << missing;
        } catch (const core::Refused& refused) {
            EXPECT_EQ(refused.code(), core::reason::missing_element);
            EXPECT_THAT(refused.what(), HasSubstr(missing));
            EXPECT_THAT(refused.remedy(), HasSubstr("release.xml"));
        }
    }
}

TEST_F(Admission, AFailureOfOursWhileReadingIsNotTheProvidersFault) {
    EXPECT_THROW(admit("argus", "1", {"fail"}), core::Error);
}

TEST(AdmissionWithSignatures, ThePolicyOfTheLineJudgesPackages) {
    std::string text = plain_configuration();
    text.replace(text.find("allow-unsigned"), 14, "require");
    World world(text);
    core::write_file(world.depot->layout.provider_keys() / "ada.asc", "ADA");
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64"}), core::reason::unsigned_package);
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:EVE"}), core::reason::unknown_key);
    const auto admitted = world.admit("a", "1", {"a 1 x86_64 by:ADA"});
    EXPECT_EQ(admitted.release.packages.front().signed_by, "ADA");
    EXPECT_EQ(core::read_file(world.published("keys/provider-ada.asc")), "ADA");
    EXPECT_EQ(world.admitted("b", "1", {"b 1 x86_64"}, "umd4"), "b-1@umd4");
    EXPECT_EQ(world.findings(), "");
}

TEST(AdmissionWithSignatures, TheWorstOfSeveralDecides) {
    std::string text = plain_configuration();
    text.replace(text.find("allow-unsigned"), 14, "require");
    World world(text);
    core::write_file(world.depot->layout.provider_keys() / "ada.asc", "ADA");
    // umd5 requires signatures, umd4 does not; neither takes what is bad or none.
    for (const std::string line : {"umd5", "umd4"}) {
        for (const std::string signatures :
             {"bad:ADA by:EVE", "by:EVE bad:ADA", "by:ADA bad:ADA", "bad:ADA by:ADA", "by: by:EVE",
              "by:EVE by:", "by:ADA by:", "by:"}) {
            EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 " + signatures}, line),
                           core::reason::bad_signature);
        }
    }
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:ADA by:EVE"}), core::reason::unknown_key);
    EXPECT_REFUSED(world.admit("a", "1", {"a 1 x86_64 by:EVE by:ADA"}), core::reason::unknown_key);
    const auto known = world.admit("a", "1", {"a 1 x86_64 by:EVE by:ADA"}, "umd4");
    EXPECT_EQ(known.release.packages.front().signed_by, "ADA");
    const auto unknown = world.admit("b", "1", {"b 1 x86_64 by:EVE"}, "umd4");
    EXPECT_EQ(unknown.release.packages.front().signed_by, "");
}

}  // namespace
}  // namespace core_test
