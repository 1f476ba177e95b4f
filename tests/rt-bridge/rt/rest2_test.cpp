// SPDX-License-Identifier: GPL-3.0-or-later
// The REST2 client against a real Request Tracker with the plugin.
#include "rt-bridge/rt/rest2.hpp"

#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/rt/json.hpp"
#include "tests/scratch.hpp"

namespace rt {
namespace {

using nlohmann::json;

std::string output_of(const std::string& command) {
    const auto close = [](FILE* stream) { ::pclose(stream); };
    const std::unique_ptr<FILE, decltype(close)> stream(::popen(command.c_str(), "r"), close);
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stream.get())) {
        text.append(buffer.data(), got);
    }
    return text;
}

class RealRt : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        server_ = json::parse(
            output_of(RT_SERVER " start --until-exit-of " + std::to_string(::getpid())));
    }
    static void TearDownTestSuite() {
        output_of(RT_SERVER " stop '" + server_["directory"].get<std::string>() + "'");
    }

    static std::string url() { return server_["url"]; }

    static Rest2Settings settings() {
        Rest2Settings settings;
        settings.url = url();
        settings.token = server_["token"];
        settings.queue = server_["queue"];
        settings.groups = {"technology-unit", "stage-rollout-managers", "early-adopters"};
        return settings;
    }

    static Rest2 client(const Rest2Settings& settings) {
        return {http::Client(http::Access::to(url())), settings};
    }

    /// What a person does through RT's own interface.
    static json as(const std::string& user, const std::string& method, const std::string& path,
                   const json& body) {
        http::Client person(http::Access::to(url()));
        const json users = server_["users"];
        const std::string password = users[user];
        const http::Response response =
            person.send({method,
                         url() + "/REST/2.0" + path,
                         {{"Authorization", "Basic " + base64(user + ":" + password)},
                          {"Content-Type", "application/json"}},
                         body.dump()},
                        64 << 20);
        EXPECT_LT(response.status, 300) << response.body;
        return json::parse(response.body);
    }

    static std::string base64(const std::string& bytes) {
        static constexpr char digits[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string text;
        unsigned bits = 0;
        int count = 0;
        for (const char c : bytes) {
            bits = bits << 8 | static_cast<unsigned char>(c);
            for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
        }
        if (count > 0) text += digits[bits << (6 - count) & 63];
        while (text.size() % 4 != 0) text += '=';
        return text;
    }

    static TicketId new_ticket(const std::string& user, json more = json::object()) {
        more["Queue"] = server_["queue"];
        more["Subject"] = "INFN.argus.el9.x86_64-1.7.3";
        return number_of(as(user, "POST", "/ticket", more), "id");
    }

    static void set_action(const std::string& user, TicketId ticket, const std::string& action) {
        as(user, "PUT", "/ticket/" + std::to_string(ticket),
           {{"CustomFields", {{"RepoAction", action}}}});
    }

    static inline json server_;
    Rest2Settings settings_ = settings();
    Rest2 rt_ = client(settings_);
};

TEST_F(RealRt, AQueueMadeByThePluginHasNothingToMend) {
    new_ticket("alice");
    for (const core::Problem& problem : rt_.check()) ADD_FAILURE() << core::describe(problem);
}

TEST_F(RealRt, WhatIsMissingIsReportedAtOnce) {
    Rest2Settings wrong = settings();
    wrong.fields.status = "RepoState";
    wrong.fields.repository_url = "RepoURL";
    wrong.role = "Nobody's";
    wrong.groups.push_back("no-such-group");
    std::string all;
    for (const core::Problem& problem : client(wrong).check()) all += describe(problem) + "\n";
    for (const char* name : {"RepoState", "RepoURL", "Nobody's", "no-such-group"}) {
        EXPECT_NE(all.find(name), std::string::npos) << name << " is not in:\n" << all;
    }
    wrong = settings();
    wrong.queue = "no-such-queue";
    EXPECT_TRUE(core::has_errors(client(wrong).check()));
    wrong = settings();
    wrong.statuses.production = "Live";
    EXPECT_NE(core::describe(client(wrong).check().front()).find("Live"), std::string::npos);
}

TEST_F(RealRt, AWrongTokenIsToldAsSuch) {
    Rest2Settings wrong = settings();
    wrong.token.back() = wrong.token.back() == '0' ? '1' : '0';
    try {
        client(wrong).check();
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_NE(std::string(error.what()).find("credentials"), std::string::npos);
    }
}

TEST_F(RealRt, ATicketShowsItsFields) {
    const TicketId id = new_ticket(
        "alice", {{"CustomFields",
                   {{"RepoAction", "MoveToUnverified"}, {"AssociatedMajorRelease", "umd5"}}}});
    const auto ticket = rt_.ticket(id);
    EXPECT_EQ(ticket.id, id);
    EXPECT_EQ(ticket.queue, "sw-rel");
    EXPECT_FALSE(ticket.deleted);
    EXPECT_EQ(ticket.creator, "alice");
    EXPECT_EQ(ticket.field("RepoAction"), "MoveToUnverified");
    EXPECT_EQ(ticket.field("AssociatedMajorRelease"), "umd5");
    EXPECT_EQ(ticket.field("RepoStatus"), "");
    EXPECT_TRUE(rt_.ticket(999'999).deleted) << "there is none such";
}

TEST_F(RealRt, AHistoryTellsWhoBroughtWhat) {
    const json file{
        {{"FileName", "release.xml"}, {"FileType", "text/xml"}, {"FileContent", base64("<a/>")}}};
    const TicketId id = new_ticket("alice", {{"Requestor", "alice@example.org"},
                                             {"Content", "please"},
                                             {"Attachments", file},
                                             {"CustomFields", {{"Emergency", "yes"}}}});
    const TicketId other = new_ticket("bob", {{"Content", "other"}, {"Attachments", file}});
    const std::string path = "/ticket/" + std::to_string(id);
    as("dave", "POST", path + "/correspond",
       {{"Content", "mine"}, {"ContentType", "text/plain"}, {"Attachments", file}});
    as("carol", "PUT", path, {{"CustomFields", {{"Emergency", "no"}}}});
    as("carol", "PUT", path,
       {{"Requestor", {"alice@example.org", "albert@example.org", "group:early-adopters"}}});
    as("carol", "PUT", path, {{"Requestor", {"albert@example.org", "group:early-adopters"}}});
    std::vector<std::string> told;
    for (const Change& one : rt_.history(id)) {
        EXPECT_EQ(one.ticket, id);
        told.push_back(one.creator + " " + std::to_string(static_cast<int>(one.kind)) + " " +
                       one.field + one.old_value + ">" + one.new_value);
    }
    std::sort(told.begin() + 1, told.end());
    EXPECT_EQ(told, (std::vector<std::string>{"alice 0 >", "carol 1 Emergencyyes>no",
                                              "carol 3 >albert", "carol 3 >group:early-adopters",
                                              "carol 3 alice>", "dave 2 >"}));
    auto requestors = rt_.ticket(id).requestors;
    std::sort(requestors.begin(), requestors.end());
    EXPECT_EQ(requestors, (std::vector<std::string>{"albert", "group:early-adopters"}));
    EXPECT_EQ(rt_.history(other).size(), 1u);
}

TEST_F(RealRt, TheCursorTellsWhoChangedWhat) {
    const auto before = rt_.changes_after(0);
    const TransactionId cursor = before.empty() ? 0 : before.back().id;
    const TicketId id =
        new_ticket("alice", {{"CustomFields", {{"RepoAction", "MoveToUnverified"}}}});
    set_action("bob", id, "MoveToStageRollOut");
    set_action("carol", id, "MoveToProduction");
    as("carol", "POST", "/ticket/" + std::to_string(id) + "/comment",
       {{"Content", "now"}, {"ContentType", "text/plain"}});
    rt_.update(id, {{{"RepoStatus", "Failed"}}, {}});

    std::vector<Change> changes;
    for (const Change& change : rt_.changes_after(cursor)) {
        if (change.ticket == id) changes.push_back(change);
    }
    ASSERT_EQ(changes.size(), 4u);
    EXPECT_EQ(changes[0].kind, Change::Kind::created);
    EXPECT_EQ(changes[0].creator, "alice");
    EXPECT_EQ(changes[1].field, "RepoAction");
    EXPECT_EQ(changes[1].old_value, "MoveToUnverified");
    EXPECT_EQ(changes[1].new_value, "MoveToStageRollOut");
    EXPECT_EQ(changes[1].creator, "bob");
    EXPECT_EQ(changes[2].creator, "carol");
    EXPECT_EQ(changes[3].kind, Change::Kind::message);
    EXPECT_LT(changes[1].id, changes[2].id);
}

TEST_F(RealRt, TransactionsOfOtherThingsThatBearATicketsNumberAreNotItsChanges) {
    for (int i = 0; i < 4; ++i) new_ticket("alice");  // RT itself made queues and groups 1 to 4
    for (const Change& change : rt_.changes_after(0)) EXPECT_NE(change.creator, "RT_System");
}

TEST_F(RealRt, MoreChangesThanAPageAreAllTold) {
    const TicketId id = new_ticket("carol");
    for (int i = 0; i < 60; ++i) {
        set_action("carol", id, "Reject");
        set_action("carol", id, "MoveToUnverified");
    }
    std::size_t count = 0;
    for (const Change& change : rt_.changes_after(0)) {
        if (change.ticket == id && change.kind == Change::Kind::field) ++count;
    }
    EXPECT_EQ(count, 120u);
}

TEST_F(RealRt, AttachmentsComeBackByteForByte) {
    const std::string xml = "<?xml version=\"1.0\"?>\n<Release>\xc3\xa9</Release>\n";
    std::string large(3 << 20, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);
    const auto file = [](const std::string& name, const std::string& type,
                         const std::string& text) {
        return json{{"FileName", name}, {"FileType", type}, {"FileContent", base64(text)}};
    };
    const TicketId id =
        new_ticket("alice", {{"Content", "Our release"},
                             {"ContentType", "text/plain"},
                             {"Attachments",
                              {file("release.xml", "text/xml", xml),
                               file("bundle.tar.gz", "application/octet-stream", large)}}});
    const auto attachments = rt_.attachments(id);
    ASSERT_EQ(attachments.size(), 2u);
    EXPECT_EQ(attachments[0].name, "release.xml");
    EXPECT_EQ(attachments[0].creator, "alice");
    EXPECT_EQ(attachments[1].size, large.size());
    const tests::Scratch scratch;
    rt_.download(attachments[0], scratch / "xml");
    rt_.download(attachments[1], scratch / "large");
    EXPECT_EQ(core::read_file(scratch / "xml"), xml);
    EXPECT_EQ(core::read_file(scratch / "large"), large);
}

TEST_F(RealRt, AnUpdateIsThereWhenItReturns) {
    const TicketId id = new_ticket("alice");
    rt_.update(id,
               {{{"RepoStatus", "Unverified"}, {"RepositoryURL", "https://repo.example.org/x/"}},
                "technology-unit"});
    const auto ticket = rt_.ticket(id);
    EXPECT_EQ(ticket.field("RepoStatus"), "Unverified");
    EXPECT_EQ(ticket.field("RepositoryURL"), "https://repo.example.org/x/");
    rt_.update(id, {{{"RepoStatus", "Stage-Rollout"}, {"RepositoryURL", ""}}, "early-adopters"});
    rt_.update(id, {{{"RepoStatus", "Stage-Rollout"}, {"RepositoryURL", ""}}, "early-adopters"});
    EXPECT_EQ(rt_.ticket(id).field("RepositoryURL"), "");
    EXPECT_EQ(rt_.ticket(id).field("RepoStatus"), "Stage-Rollout");
}

TEST_F(RealRt, WhoSeesTheNewStatusSeesTheAddressThatBelongsToIt) {
    const TicketId id = new_ticket("alice");
    const auto update = [&](const std::string& status, const std::string& url) {
        rt_.update(id, {{{"RepoStatus", status}, {"RepositoryURL", url}}, "technology-unit"});
    };
    constexpr int rounds = 4;  // one PUT would keep the order by chance, once in 2^8
    for (int i = 0; i < rounds; ++i) {
        update("Unverified", "https://repo.example.org/" + std::to_string(i));
        update("Rejected", "");
    }
    std::vector<std::string> order;
    const json history = as("carol", "GET",
                            "/ticket/" + std::to_string(id) +
                                "/history?fields=Type,Field,NewValue&per_page=100&orderby=id",
                            json::object());
    std::map<std::uint64_t, std::string> values;
    for (const json& item : history["items"]) {
        if (text_of(item, "Type") == "CustomField") {
            values[number_of(item, "id")] = text_of(item, "NewValue");
        }
    }
    for (const auto& [transaction, value] : values) order.push_back(value);
    std::vector<std::string> expected;
    for (int i = 0; i < rounds; ++i) {
        expected.push_back("https://repo.example.org/" + std::to_string(i));
        expected.insert(expected.end(), {"Unverified", "", "Rejected"});
    }
    EXPECT_EQ(order, expected);
}

TEST_F(RealRt, WhatRtSilentlyLeavesUndoneIsAnError) {
    const TicketId id = new_ticket("alice");
    EXPECT_THROW(rt_.update(id, {{{"RepoStatus", "Nonsense"}}, {}}), core::Error);
    EXPECT_THROW(rt_.update(id, {{{"RepoAction", "Reject"}}, {}}), core::Error);
    EXPECT_THROW(rt_.update(id, {{{"NoSuchField", "x"}}, {}}), core::Error);
    EXPECT_THROW(rt_.update(id, {{}, "no-such-group"}), core::Error);
    EXPECT_THROW(rt_.update(999'999, {{{"RepoStatus", "Failed"}}, {}}), core::Error);
}

TEST_F(RealRt, OnlyTheResponsibleGroupTakesTurns) {
    Rest2Settings with_admin = settings();
    with_admin.role = "AdminCc";
    Rest2 rt = client(with_admin);
    const TicketId id = new_ticket("carol");
    as("carol", "PUT", "/ticket/" + std::to_string(id), {{"AdminCc", {"carol"}}});
    rt.update(id, {{}, "technology-unit"});
    rt.update(id, {{}, "early-adopters"});
    const json ticket = as("carol", "GET", "/ticket/" + std::to_string(id), json::object());
    std::vector<std::string> members;
    for (const json& member : ticket["AdminCc"]) members.push_back(text_of(member, "type"));
    std::sort(members.begin(), members.end());
    EXPECT_EQ(members, (std::vector<std::string>{"group", "user"})) << ticket["AdminCc"];
}

TEST_F(RealRt, ACommentIsMadeOnce) {
    const TicketId id = new_ticket("alice");
    EXPECT_TRUE(rt_.comment(id, "[sluice:7]", "Done.\n\n\tline \x1b[2J \xff \xe2\x80\xae!"));
    EXPECT_FALSE(rt_.comment(id, "[sluice:7]", "Done."));
    EXPECT_TRUE(rt_.comment(id, "[sluice:8]", "Done."));
    EXPECT_THROW(rt_.comment(999'999, "[sluice:7]", "Done."), core::Error);
}

TEST_F(RealRt, MembersOfAGroupAreKnown) {
    EXPECT_TRUE(rt_.in_group("bob", "technology-unit"));
    EXPECT_FALSE(rt_.in_group("mallory", "technology-unit"));
    EXPECT_THROW(rt_.in_group("bob", "no-such-group"), core::Error);
    EXPECT_FALSE(rt_.in_group("", "technology-unit"));
}

}  // namespace
}  // namespace rt
