// SPDX-License-Identifier: GPL-3.0-or-later
// What is remarkable of packages is told when they are handed in and wherever they go, and refused
// by the stages that say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/stage_policy.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using core::Severity;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

class RemarksOnPackages : public testing::Test, public World {
  protected:
    /// The usual stages, of which one refuses.
    void configure(const std::string& stage, const std::string& kinds) {
        std::string text = plain_configuration();
        for (const core::Stage& one : core::default_stages()) {
            text += "[[stage]]\nname = \"" + one.name + "\"\n";
            for (const std::string& from : one.from) text += "from = [\"" + from + "\"]\n";
            if (one.entry) text += "entry = true\n";
            if (one.archive) text += "archive = true\n";
            if (one.rejectable) text += "rejectable = true\n";
            if (one.enabled) text += "enabled = true\n";
            if (one.name == stage) text += "refuse = [" + kinds + "]\n";
        }
        core::write_file(depot->layout.configuration(), text);
        reopen();
    }

    core::Report warnings_of(const std::string& id, const std::string& stage) {
        asked.dry_run = true;
        const core::Outcome outcome = promote(id, stage);
        asked.dry_run = false;
        std::vector<std::string> lines;
        for (const core::Problem& one : outcome.plan.warnings) lines.push_back(describe(one));
        EXPECT_EQ(outcome.plan.operation.warnings, lines);  // what the ticket is told
        return outcome.plan.warnings;
    }
};

auto remark_finding(Severity severity, const std::string& code, const std::string& where,
                    const std::string& message) {
    return AllOf(Field(&core::Problem::severity, severity), Field(&core::Problem::code, code),
                 Field(&core::Problem::where, where),
                 Field(&core::Problem::message, HasSubstr(message)));
}

const std::string with_remarks =
    "ping 1 x86_64 has:set-id-file:/usr/bin/ping has:unusual-place:/home/ping";

TEST_F(RemarksOnPackages, AreToldWithTheAdmissionAndKeptInItsRecord) {
    const auto admitted = admit("ping", "1", {with_remarks});
    EXPECT_THAT(admitted.warnings,
                ElementsAre(remark_finding(Severity::warning, "set-id-file",
                                           "el9/ping-1-x86_64-has:set-id-file:"
                                           "/usr/bin/ping-has:unusual-place:/home/ping",
                                           "/usr/bin/ping"),
                            Field(&core::Problem::code, "unusual-place")));
    const core::Release record = depot->records.load(admitted.release.id);
    EXPECT_EQ(record.warnings, admitted.warnings);
    EXPECT_EQ(record.packages.front().remarks, (core::Remarks{{"set-id-file", {"/usr/bin/ping"}},
                                                              {"unusual-place", {"/home/ping"}}}));
}

TEST_F(RemarksOnPackages, AreToldWhereverTheReleaseGoes) {
    const std::string id = admitted("ping", "1", {with_remarks});
    EXPECT_THAT(warnings_of(id, "stage-rollout"),
                ElementsAre(remark_finding(Severity::warning, "set-id-file", id, "ping-1.x86_64"),
                            remark_finding(Severity::warning, "unusual-place", id, "/home/ping")));
    promote(id, "stage-rollout");
    promote(id, "production");
    EXPECT_EQ(findings(), "");
}

TEST_F(RemarksOnPackages, AreRefusedByAStageThatSaysSo) {
    configure("production", R"("essential", "set-id-file")");
    const std::string id = admitted("ping", "1", {with_remarks});
    promote(id, "stage-rollout");
    const auto before = everything();
    try {
        promote(id, "production");
        ADD_FAILURE() << "was not refused";
    } catch (const core::Refused& refused) {
        ASSERT_THAT(refused.report(), ElementsAre(remark_finding(Severity::error, "set-id-file", id,
                                                                 "ping-1.x86_64")));
        EXPECT_THAT(refused.report()[0].message,
                    AllOf(HasSubstr("/usr/bin/ping"), HasSubstr("production")));
        EXPECT_THAT(refused.report()[0].remedy, HasSubstr("`refuse` of the [[stage]] production"));
    }
    EXPECT_EQ(everything(), before);
    configure("production", "");
    promote(id, "production");
}

TEST_F(RemarksOnPackages, AreRefusedAtTheEntryWithAllElseThatIsWrong) {
    configure("unverified", R"("set-id-file")");
    try {
        admit("ping", "1", {with_remarks, "broken"});
        ADD_FAILURE() << "was not refused";
    } catch (const core::Refused& refused) {
        EXPECT_THAT(refused.report(),
                    AllOf(Contains(Field(&core::Problem::code, "package-corrupt")),
                          Contains(AllOf(Field(&core::Problem::code, "set-id-file"),
                                         Field(&core::Problem::severity, Severity::error))),
                          Contains(AllOf(Field(&core::Problem::code, "unusual-place"),
                                         Field(&core::Problem::severity, Severity::warning)))));
    }
    EXPECT_REFUSED(operations().check(bundle("ping", "1", {with_remarks}), {}, asked),
                   core::reason::set_id_file);
}

TEST_F(RemarksOnPackages, DoNotStopTheWayBack) {
    const std::string id = admitted("ping", "1", {with_remarks});
    promote(id, "stage-rollout");
    configure("unverified", R"("set-id-file")");
    operations().rollback({}, {}, asked);
    EXPECT_EQ(standing().at(id), "unverified");
}

TEST_F(RemarksOnPackages, OfRecordsOfBeforeAreNone) {
    const auto admitted = admit("ping", "1", {with_remarks});
    std::string text = core::to_json(admitted.release);
    const std::size_t begin = text.find(",\"remarks\":[");
    ASSERT_NE(begin, std::string::npos);
    text.erase(begin, text.find("}],\"sha256\"", begin) + 2 - begin);
    const core::Release old = core::release_from_json(text);
    EXPECT_THAT(old.packages.front().remarks, IsEmpty());
    EXPECT_EQ(old.packages.front().path, admitted.release.packages.front().path);
}

TEST_F(RemarksOnPackages, AnEpochThatJumpsIsToldAndRefused) {
    promote(admitted("a", "1", {"a 1 x86_64", "a 1 aarch64", "b 1 *"}), "stage-rollout");
    const std::string id =
        admitted("a", "2", {"a 9:1 x86_64", "a 2 aarch64", "b 9:1 *", "c 9:1 *"});
    EXPECT_THAT(
        warnings_of(id, "stage-rollout"),
        testing::UnorderedElementsAre(
            remark_finding(Severity::warning, "epoch-jump", id, "a 9:1 is newer than 1 by"),
            remark_finding(Severity::warning, "epoch-jump", id, "b 9:1 is newer than 1 by")));
    configure("stage-rollout", R"("epoch-jump")");
    EXPECT_REFUSED(promote(id, "stage-rollout"), core::reason::epoch_jump);
    configure("production", R"("epoch-jump")");
    promote(id, "stage-rollout");
    const std::string next = admitted("a", "3", {"a 9:2 x86_64"});
    EXPECT_THAT(warnings_of(next, "stage-rollout"), IsEmpty());
}

TEST_F(RemarksOnPackages, AnEpochThatJumpsAtTheEntryIsToldByItsPlan) {
    admitted("a", "1", {"a 1 x86_64"});
    const core::Bundle received = bundle("a", "2", {"a 9:1 x86_64"});
    EXPECT_THAT(operations().check(received, {}, asked).outcome->plan.warnings,
                ElementsAre(Field(&core::Problem::code, "epoch-jump")));
    configure("unverified", R"("epoch-jump")");
    EXPECT_REFUSED(operations().admit(received, {}, asked), core::reason::epoch_jump);
}

TEST(HigherEpoch, IsThatOfNumbers) {
    EXPECT_TRUE(core::higher_epoch("1:0", "9"));
    EXPECT_TRUE(core::higher_epoch("10:0", "9:0"));
    EXPECT_TRUE(core::higher_epoch("010:0", "9:0"));
    EXPECT_FALSE(core::higher_epoch("0:9", "1"));
    EXPECT_FALSE(core::higher_epoch("00:9", "1"));
    EXPECT_FALSE(core::higher_epoch("2:1", "2:0"));
    EXPECT_FALSE(core::higher_epoch("1:1", "2:0"));
}

TEST(Remarks, AreBoundedInAPackage) {
    core::Remarks remarks;
    for (int i = 0; i < 100; ++i) {
        const std::string path = "/" + std::to_string(i) + std::string(1000, 'x');
        core::add_remark(remarks, core::reason::set_id_file, path);
    }
    core::add_remark(remarks, core::reason::essential, "Essential: yes");
    core::add_remark(remarks, core::reason::essential, "Essential: yes");
    ASSERT_EQ(remarks.size(), 2u);
    EXPECT_EQ(remarks[0].of.size(), core::most_remarked);
    EXPECT_EQ(remarks[0].of.back().size(), core::longest_remarked);
    EXPECT_EQ(remarks[0].more, 100 - core::most_remarked);
    EXPECT_EQ(remarks[1], (core::Remark{"essential", {"Essential: yes"}}));
}

TEST(Remarks, AreBoundedInARelease) {
    core::Package package;
    for (int i = 0; i < 100; ++i) {
        core::add_remark(package.remarks, core::reason::set_id_file, "/" + std::to_string(i));
    }
    const core::NamedPackages packages(1000, {&package, "argus-1"});
    const core::Report report = core::judge_remarks(packages, core::Stage());
    ASSERT_EQ(report.size(), 21u);
    EXPECT_THAT(report[0].message, HasSubstr("/0, /1, /2, /3, /4 and 95 more"));
    EXPECT_THAT(report.back().message, HasSubstr("likewise 980 more packages"));
}

TEST(RemarkRule, KnowsBasePackagesAndUsualPlaces) {
    const core::RemarkRule rule;
    EXPECT_TRUE(rule.is_base("libc6"));
    EXPECT_TRUE(rule.is_base("glibc"));
    EXPECT_FALSE(rule.is_base("libc6-extra"));
    EXPECT_TRUE((core::RemarkRule{{"lib*"}, {}}).is_base("libc6-extra"));
    for (const char* path : {"/usr/bin/x", "/usr", "/etc/x.conf", "/var/lib/x", "/opt/x/bin"})
        EXPECT_TRUE(rule.is_usual(path)) << path;
    for (const char* path : {"/", "/usrx", "/home/x", "/root/.ssh/authorized_keys", "/var/tmp/x",
                             "/boot/vmlinuz", "/tmp/x", "/x", "/run/x", "/dev/x", "/var"})
        EXPECT_FALSE(rule.is_usual(path)) << path;
}

}  // namespace
}  // namespace core_test
