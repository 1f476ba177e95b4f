// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace bridge {
namespace {

using testing::HasSubstr;

class BridgeConfiguration : public testing::Test {
  protected:
    BridgeConfiguration() {
        write("token", "1-30-0123456789\n", 0600);
        write("secret", "0123456789abcdef0123\n", 0600);
        depot_.public_url = "https://repo.example.org";
        depot_.stages = core::default_stages();
    }

    void write(const std::string& name, const std::string& text, unsigned mode) {
        core::write_file(scratch_.path() / name, text);
        std::filesystem::permissions(scratch_.path() / name,
                                     static_cast<std::filesystem::perms>(mode));
    }

    Configuration parse(const std::string& more, const std::string& first = minimum) {
        return parse_configuration(first + more, scratch_.path(), depot_);
    }

    std::string fault(const std::string& more, const std::string& first = minimum) {
        try {
            parse(more, first);
        } catch (const core::Error& error) {
            return error.what();
        }
        return "none";
    }

    static constexpr const char* minimum =
        "[bridge]\nurl = \"https://rt.example.org/rt\"\ntoken_file = \"token\"\n";
    tests::Scratch scratch_;
    core::Configuration depot_;
};

TEST_F(BridgeConfiguration, LittleHasToBeSaid) {
    const Configuration read = parse("");
    EXPECT_EQ(read.rt.token, "1-30-0123456789");
    EXPECT_EQ(read.rt.queue, "sw-rel");
    EXPECT_EQ(read.rt.statuses.stage_rollout, "Stage-Rollout");
    EXPECT_EQ(read.poll, std::chrono::seconds(60));
    EXPECT_TRUE(read.two_person);
    EXPECT_TRUE(read.may.empty()) << "nobody may do anything until it is said";
    EXPECT_TRUE(read.download.access.hosts.empty());
    EXPECT_EQ(read.actions.status_of("unverified"), rt::Status::unverified);
}

TEST_F(BridgeConfiguration, ActionsAreReadInEverySpelling) {
    const Configuration read = parse(
        "[bridge.may]\nDeprecate = [\"carol\"]\nMoveToUnverified = [\"group:providers\"]\n"
        "[bridge.responsible]\nfailed = \"unit\"\n");
    EXPECT_EQ(read.may.at(rt::Action::deprecate), People{"carol"});
    EXPECT_EQ(read.responsible.at(rt::Status::failed), "unit");
    EXPECT_EQ(read.rt.groups, (std::vector<std::string>{"providers", "unit"}));
    EXPECT_THAT(fault("[bridge.may]\nMoveToMars = []\n"), HasSubstr("MoveToMars"));
    EXPECT_TRUE(read.may_grant_emergency.empty()) << "nobody, until it is said";
    const Configuration other = parse("[bridge.may]\nEmergency = [\"group:managers\", \"dan\"]\n");
    EXPECT_EQ(other.may_grant_emergency, (People{"group:managers", "dan"}));
    EXPECT_EQ(other.rt.groups, std::vector<std::string>{"managers"});
}

TEST_F(BridgeConfiguration, TheLimitsOfForeignTextCanBeRaised) {
    const Configuration usual = parse("");
    EXPECT_EQ(usual.rt.largest_answer, 8u << 20);
    EXPECT_EQ(usual.download.bounds.indexes.bytes, 256u << 20);
    EXPECT_EQ(usual.download.bounds.indexes.packages, 100'000u);
    const Configuration raised = parse(
        "answer_megabytes = 9\n[bridge.download]\nindex_megabytes = 4096\n"
        "index_packages = 1000000\n");
    EXPECT_EQ(raised.rt.largest_answer, 9u << 20);
    EXPECT_EQ(raised.download.bounds.indexes.bytes, 4ull << 30);
    EXPECT_EQ(raised.download.bounds.indexes.packages, 1'000'000u);
    EXPECT_THAT(fault("[bridge.download]\nindex_packages = 10000001\n"),
                HasSubstr("a number from 1 to 10000000"));
}

TEST_F(BridgeConfiguration, MistakesAreNamed) {
    EXPECT_THAT(fault("", ""), HasSubstr("[bridge]"));
    EXPECT_THAT(fault("qeue = \"x\"\n"), HasSubstr("bridge.qeue"));
    EXPECT_THAT(fault("", "[bridge]\nurl = \"rt.example.org\"\n"), HasSubstr("bridge.url"));
    EXPECT_THAT(fault("", "[bridge]\nurl = \"https://rt.example.org\"\n"),
                HasSubstr("bridge.token_file"));
    EXPECT_THAT(fault("listen = \"8910\"\nsecret_file = \"secret\"\n"), HasSubstr("bridge.listen"));
    EXPECT_THAT(fault("listen = \"127.0.0.1:8910\"\n"), HasSubstr("bridge.secret_file"));
    EXPECT_THAT(fault("trusted_proxies = [\"proxy.example.org\"]\n"),
                HasSubstr("is not a network"));
    EXPECT_THAT(fault("[bridge.stages]\nproduction = \"live\"\n"), HasSubstr("live"));
    EXPECT_THAT(fault("[bridge.stages]\nproduction = \"unverified\"\n"), HasSubstr("entry stage"));
    EXPECT_THAT(fault("[bridge.stages]\nproduction = \"stage-rollout\"\n"),
                HasSubstr("same stage"));
    EXPECT_THAT(fault("[bridge.download]\nallowed_networks = [\"ten\"]\n"), HasSubstr("ten"));
}

TEST_F(BridgeConfiguration, SecretsThatEverybodyCanReadAreNotUsed) {
    write("token", "1-30-0123456789\n", 0644);
    EXPECT_THAT(fault(""), HasSubstr("everyone"));
}

TEST_F(BridgeConfiguration, ADepotWithoutAPublicAddressCannotTellTicketsWhereAReleaseIs) {
    depot_.public_url.clear();
    EXPECT_THAT(fault(""), HasSubstr("public_url"));
}

}  // namespace
}  // namespace bridge
