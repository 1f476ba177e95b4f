// SPDX-License-Identifier: GPL-3.0-or-later
// The REST2 client against an RT that misbehaves: what a real one does only on bad days.
#include <functional>
#include <gtest/gtest.h>
#include <malloc.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <thread>

#include "core/model/error.hpp"
#include "rt-bridge/rt/rest2.hpp"
#include "rt-bridge/server/server.hpp"
#include "tests/scratch.hpp"
#include "tests/spent.hpp"

namespace rt {
namespace {

class FakeRt : public testing::Test {
  protected:
    using Handler = std::function<void(const server::Request&, server::Answer&)>;

    void on(const std::string& method, const std::string& path, Handler handler) {
        const std::lock_guard lock(mutex_);
        handlers_[method + " " + path] = std::move(handler);
    }

    void answers(const std::string& path, int status, const std::string& body) {
        on("GET", path, [=](const auto&, auto& response) {
            response.status = status;
            response.body = body;
        });
    }

    /// `piece` again and again, as far as `size` goes.
    void answers_at_length(const std::string& path, int status, const std::string& piece,
                           std::size_t size) {
        // Made when it is asked for: memory of this process is counted too.
        on("GET", path, [=](const auto&, auto& response) {
            std::string block, body;
            while (block.size() < 1'000'000) block += piece;
            body.reserve(size + block.size());
            while (body.size() < size) body += block;
            body.resize(size);
            response.status = status;
            response.body = std::move(body);
        });
    }

    /// What the client says of a ticket and what that costs, with the limits as they are.
    tests::Spent spent_on_ticket(TicketId id) {
        ::malloc_trim(0);  // what the server took for its answers does not count
        return tests::spent_by([this, id]() -> std::string {
            Rest2Settings settings;
            settings.url = "http://127.0.0.1:" + std::to_string(server_.port());
            settings.token = "1-30-0123456789abcdef0123456789abcdef";
            Rest2(http::Client(http::Access::to(settings.url)), settings).ticket(id);
            return "no error";
        });
    }

    Rest2 client() {
        Rest2Settings settings;
        settings.call_time = call_time_;
        settings.url = "http://127.0.0.1:" + std::to_string(server_.port()) + "/";
        settings.token = "1-30-0123456789abcdef0123456789abcdef";
        settings.largest_answer = 100'000;
        settings.largest_attachment = 500'000;
        http::Limits limits;
        limits.total = std::chrono::milliseconds(3000);
        return {http::Client(http::Access::to(settings.url), limits), settings};
    }

    std::string error_of(const std::string& path, int status, const std::string& body) {
        answers(path, status, body);
        try {
            client().ticket(1);
        } catch (const core::Error& error) {
            return error.what();
        }
        return "no error";
    }

    static server::Limits limits() {
        server::Limits limits;
        limits.body = 1 << 20;
        return limits;
    }

    server::Answer answer(const server::Request& request) {
        std::this_thread::sleep_for(delay_);
        const std::lock_guard lock(mutex_);
        const auto found = handlers_.find(request.method + " " + request.path());
        if (found == handlers_.end()) return {404, {}, {}};
        server::Answer response{200, {{"Content-Type", "application/json"}}, {}};
        found->second(request, response);
        return response;
    }

    std::chrono::seconds call_time_{600};
    std::chrono::milliseconds delay_{0};  // of each answer
    std::mutex mutex_;
    std::map<std::string, Handler> handlers_;
    server::Server server_{"127.0.0.1", 0, limits(),
                           [this](const server::Request& request) { return answer(request); }};
};

const char* const ticket_one = "/REST/2.0/ticket/1";

TEST_F(FakeRt, ARedirectMeansThatTheCredentialsAreNotTaken) {
    on("GET", ticket_one, [](const auto&, auto& response) {
        response = {302, {{"Location", "/"}}, {}};
    });
    try {
        client().ticket(1);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_NE(std::string(error.what()).find("credentials"), std::string::npos) << error.what();
    }
}

TEST_F(FakeRt, UnauthorizedMeansTheSame) {
    const std::string said = error_of(ticket_one, 401, R"({"message":"Unauthorized"})");
    EXPECT_NE(said.find("credentials"), std::string::npos) << said;
    EXPECT_NE(said.find("Authorization"), std::string::npos)
        << "web servers keep it from RT: " << said;
}

TEST_F(FakeRt, AServerErrorIsTheOperators) {
    EXPECT_NE(error_of(ticket_one, 500, "").find("500"), std::string::npos);
}

TEST_F(FakeRt, AnAnswerThatIsNoJsonIsAnError) {
    EXPECT_NE(error_of(ticket_one, 200, "<html>Welcome</html>"), "no error");
}

TEST_F(FakeRt, ATicketWithoutANumberIsAnError) {
    EXPECT_NE(error_of(ticket_one, 200, "{}"), "no error");
}

TEST_F(FakeRt, AnAnswerWithoutEndIsAnError) {
    EXPECT_NE(error_of(ticket_one, 200, "[\"" + std::string(200'000, 'x') + "\"]"), "no error");
}

TEST_F(FakeRt, AHostileAnswerCostsLittle) {
    constexpr std::size_t mega = 1u << 20;
    struct Case {
        int status;
        std::string piece;
        std::size_t size;
        std::string told;
    };
    const std::vector<Case> cases{
        {500, "[", 60 * mega, "larger than 8388608 bytes"},
        {200, "[", 60 * mega, "larger than 8388608 bytes"},
        {500, "[", 8 * mega, "RT answered 500"},
        {200, "[", 8 * mega, "nested more than 32 deep"},
        {200, "{\"a\":", 8 * mega - 2, "nested more than 32 deep"},
        {500, "[],", 8 * mega - 1, "RT answered 500"},
        {500, " ", 8 * mega, "RT answered 500"},
        {200, "1", 8 * mega, "is damaged"},
        {200, "\"", 8 * mega, "is damaged"},
    };
    for (std::size_t id = 1; id <= cases.size(); ++id) {
        const Case& one = cases[id - 1];
        answers_at_length("/REST/2.0/ticket/" + std::to_string(id), one.status, one.piece,
                          one.size);
        const tests::Spent spent = spent_on_ticket(id);
        EXPECT_NE(spent.answer.find(one.told), std::string::npos) << spent.answer;
        EXPECT_LE(spent.answer.size(), 1000u);
        if (tests::memory_counts) {
            EXPECT_LE(spent.megabytes, 100) << one.piece;
        }
        if (tests::time_counts) {
            EXPECT_LE(spent.seconds, 5) << one.piece;
        }
    }
}

/// Calls with listings. They end, whatever RT says.
class EndlessListing : public FakeRt {
  protected:
    std::string error_with(const std::string& items) {
        answers("/REST/2.0/user/30", 200, R"({"Name":"sluice"})");
        answers("/REST/2.0/queue/sw-rel", 200, "{}");
        answers("/REST/2.0/transactions", 200, R"({"items":[)" + items + "]}");
        try {
            return std::to_string(client().changes_after(0).size()) + " changes";
        } catch (const core::Error& error) {
            return error.what();
        }
    }
};

TEST_F(EndlessListing, APageOfMoreThanWasAskedForIsAnError) {
    std::string items = R"({"id":"1"})";
    for (int i = 0; i < 100; ++i) items += R"(,{"id":"1"})";
    EXPECT_NE(error_with(items).find("101 items, where 100 were asked for"), std::string::npos);
}

TEST_F(EndlessListing, AllPagesTogetherHaveTheBytesOfFourAnswers) {
    const std::string told =
        error_with(R"({"id":"1","OldValue":")" + std::string(90'000, 'x') + "\"}");
    EXPECT_NE(told.find("is larger than"), std::string::npos) << told;
}

TEST_F(EndlessListing, ACallHasATimeForAllItsRequests) {
    delay_ = std::chrono::milliseconds(100);
    call_time_ = std::chrono::seconds(1);
    const std::string told = error_with(R"({"id":"1"})");
    EXPECT_TRUE(told.find("timed out") != told.npos || told.find("no time left") != told.npos)
        << told;
}

TEST_F(EndlessListing, ItHasFiveHundredPages) {
    EXPECT_NE(error_with(R"({"id":"1"})").find("500 pages"), std::string::npos);
}

TEST_F(FakeRt, WhatRtSaysIsNotPutOnATerminalAsItIs) {
    const std::string text = error_of(ticket_one, 500, R"({"message":"\u001b[2Jgone\nnext"})");
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_F(FakeRt, ATicketThatRtDoesNotShowIsAnErrorAndNotItsEnd) {
    EXPECT_NE(error_of(ticket_one, 403, R"({"message":"Forbidden"})").find("lacks a right"),
              std::string::npos);
    EXPECT_THROW(client().ticket(2), core::Error) << "404";
}

TEST_F(FakeRt, ATicketWithoutAPageIsAnErrorUnlessASearchFindsNoneEither) {
    const std::vector<std::string> found{R"({"total":1,"items":[{"id":"2"}]})",
                                         R"({"total":null,"items":[]})", "{}", "[]"};
    on("GET", "/REST/2.0/tickets", [=](const auto& request, auto& response) {
        const std::size_t ticket = std::stoul(request.parameter("query").value().substr(5));
        response.body = found.at(ticket - 2);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_THROW(client().ticket(i + 2), core::Error) << found[i];
    }
}

TEST_F(FakeRt, ATicketThatNoSearchFindsEitherIsDeleted) {
    answers("/REST/2.0/tickets", 200, R"({"total":0,"items":[]})");
    EXPECT_TRUE(client().ticket(2).deleted);
    EXPECT_EQ(client().ticket(2).id, 2u);
    EXPECT_NE(error_of(ticket_one, 403, R"({"message":"Forbidden"})").find("lacks a right"),
              std::string::npos);
}

TEST_F(FakeRt, ATicketOfWhichRtShowsAPartIsAnError) {
    answers("/REST/2.0/queue/sw-rel", 200,
            R"({"id":3,"TicketCustomFields":[{"id":"2","name":"Emergency"}]})");
    const std::string whole = R"({"id":"1","Status":"new","Queue":{"id":"3","Name":"sw-rel"},
        "Creator":{"id":"alice"},"CustomFields":[{"name":"Emergency","values":["yes"]}]})";
    std::string answer;
    on("GET", ticket_one, [&](const auto&, auto& response) { response.body = answer; });
    for (const std::string& part : {std::string(R"("Status":"new")"), std::string("sw-rel"),
                                    std::string(R"("id":"alice")"), std::string("Emergency")}) {
        answer = whole;
        answer.replace(answer.find(part), part.size(), part.starts_with('"') ? "\"x\":1" : "");
        EXPECT_THROW(client().ticket(1), core::Error) << answer;
    }
    answer = whole;
    EXPECT_EQ(client().ticket(1).creator, "alice");
}

TEST_F(FakeRt, AGroupThatRtDoesNotShowHasNotNobody) {
    on("POST", "/REST/2.0/groups",
       [](const auto&, auto& response) { response.body = R"({"items":[{"id":"29"}]})"; });
    int status = 200;
    answers("/REST/2.0/group/29", 200,
            R"({"Name":"unit","Domain":"UserDefined","Members":[{"type":"group","id":"31"},
                {"type":"user","id":"bob"}]})");
    on("GET", "/REST/2.0/group/31", [&](const auto&, auto& response) {
        response.status = status;
        response.body = R"({"Members":[{"type":"user","id":"dan"}]})";
    });
    EXPECT_TRUE(client().in_group("dan", "unit"));
    EXPECT_FALSE(client().in_group("eve", "unit"));
    status = 403;
    EXPECT_TRUE(client().in_group("bob", "unit")) << "whoever is seen is in it";
    EXPECT_THROW(client().in_group("eve", "unit"), core::Error);
    EXPECT_THROW(client().in_group("bob", "other"), core::Error);
}

TEST_F(FakeRt, AMergedTicketShowsItsOtherNumber) {
    answers(ticket_one, 200,
            R"({"id":"5","Status":"new","Queue":{"id":"3","Name":"sw-rel"},"CustomFields":[
                {"name":"RepoStatus","values":[null]},{"name":"RepoAction","values":["Reject"]},
                {"name":"RepositoryURL","values":null}]})");
    Rest2 rt = client();
    const auto ticket = rt.ticket(1);
    EXPECT_EQ(ticket.id, 5u);
    EXPECT_EQ(ticket.queue, "sw-rel");
    EXPECT_EQ(ticket.field("RepoAction"), "Reject");
    EXPECT_EQ(ticket.field("RepoStatus"), "");
    EXPECT_EQ(ticket.field("RepositoryURL"), "");
    EXPECT_THROW(rt.update(1, {{{"RepoStatus", "Failed"}}, {}}), core::Error);
}

TEST_F(FakeRt, AnUpdateThatIsAnswered200ButNotMadeIsAnError) {
    answers(
        ticket_one, 200,
        R"({"id":1,"Status":"new","CustomFields":[{"name":"RepoStatus","values":["Failed"]}]})");
    int puts = 0;
    on("PUT", ticket_one, [&](const auto&, auto& response) {
        ++puts;
        response.body = R"(["Invalid value for custom field"])";
    });
    Rest2 rt = client();
    try {
        rt.update(1, {{{"RepoStatus", "Production"}}, {}});
        FAIL();
    } catch (const core::Error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("RepoStatus"), std::string::npos) << text;
        EXPECT_NE(text.find("Invalid value"), std::string::npos) << text;
    }
    EXPECT_EQ(puts, 1);
    rt.update(1, {{{"RepoStatus", "Failed"}}, {}});
    EXPECT_EQ(puts, 1) << "what stands there already is not written";
}

TEST_F(FakeRt, EmptyPagesBetweenFullOnesDoNotEndTheCursor) {
    answers("/REST/2.0/user/30", 200, R"({"Name":"sluice"})");
    answers("/REST/2.0/queue/sw-rel", 200,
            R"({"id":3,"TicketCustomFields":[{"id":"2","name":"RepoAction"}]})");
    on("GET", "/REST/2.0/transactions", [](const auto& request, auto& response) {
        const std::string page = request.parameter("page").value();
        std::string items;
        if (page == "1" || page == "4") {
            items = R"({"id":")" + page + R"(0","Type":"CustomField","Field":"2","ObjectId":"1",
                       "OldValue":null,"NewValue":"Reject","Creator":{"id":"carol"}})";
        }
        response.body = R"({"total":null,"pages":0.0,"items":[)" + items + "]}";
    });
    const auto changes = client().changes_after(0);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[1].id, 40u);
    EXPECT_EQ(changes[1].field, "RepoAction");
    EXPECT_EQ(changes[1].creator, "carol");
}

TEST_F(FakeRt, ACommentWhoseAnswerWasLostIsNotMadeTwice) {
    std::vector<std::string> comments;
    answers("/REST/2.0/user/30", 200, R"({"Name":"sluice"})");
    on("GET", "/REST/2.0/ticket/1/attachments", [&](const auto& request, auto& response) {
        std::string items;
        if (request.parameter("page").value() == "1") {
            // Somebody else tries to silence us.
            items = R"({"id":"1","Subject":"[sluice:7]","Creator":{"id":"mallory"}})";
            for (std::size_t i = 0; i < comments.size(); ++i) {
                items += R"(,{"id":"2","Subject":"[sluice:7]","Creator":{"id":"sluice"}})";
            }
        }
        response.body = R"({"items":[)" + items + "]}";
    });
    on("POST", "/REST/2.0/ticket/1/comment", [&](const auto& request, auto& response) {
        comments.push_back(request.body);
        response.status = 201;
        // The answer breaks off: RT has made the comment, and we do not learn of it.
        core::File empty(::memfd_create("empty", MFD_CLOEXEC));
        response.body = server::FileParts{std::move(empty), {{"", 0, 1000}}, ""};
    });
    Rest2 rt = client();
    EXPECT_THROW(rt.comment(1, "[sluice:7]", "It failed."), core::Error);
    EXPECT_EQ(comments.size(), 1u);
    EXPECT_FALSE(rt.comment(1, "[sluice:7]", "It failed."));
    EXPECT_EQ(comments.size(), 1u);
}

TEST_F(FakeRt, AnAttachmentThatIsCutIsAnError) {
    answers("/REST/2.0/attachment/3", 200, R"({"Content":"PFJlbGVhc2Uv\n"})");
    const auto file = std::filesystem::temp_directory_path() / "never-made";
    EXPECT_THROW(client().download({3, 52, "release.xml", "text/xml", 11, "alice"}, file),
                 core::Error);
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(FakeRt, AnAttachmentThatIsTooLargeIsTheProviders) {
    const auto file = std::filesystem::temp_directory_path() / "never-made";
    try {
        client().download({3, 52, "bundle.tar.gz", "application/gzip", 500'001, "alice"}, file);
        FAIL();
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "download-limit");
        EXPECT_NE(std::string(refused.what()).find("bundle.tar.gz"), std::string::npos);
    }
}

TEST_F(FakeRt, OneThatWouldPassThroughMemoryIsBounded) {
    const auto file = std::filesystem::temp_directory_path() / "never-made";
    Rest2Settings settings;
    settings.url = "http://127.0.0.1:" + std::to_string(server_.port());
    settings.user = "sluice";
    settings.password = "secret";
    Rest2 rt(http::Client(http::Access::to(settings.url)), settings);
    try {
        rt.download({3, 52, "bundle.tar.gz", "application/gzip", 33u << 20, "alice"}, file);
        FAIL();
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "download-limit");
        EXPECT_NE(refused.remedy().find("token_file"), std::string::npos) << refused.remedy();
    }
}

TEST_F(FakeRt, AnAttachmentMayBeLargerThanOtherAnswers) {
    const std::string content(300'000, 'A');  // 225,000 zero bytes
    answers("/REST/2.0/attachment/3", 200, R"({"Content":")" + content + R"("})");
    tests::Scratch scratch;
    client().download({3, 52, "release.xml", "text/xml", 225'000, "alice"}, scratch / "file");
    EXPECT_EQ(std::filesystem::file_size(scratch / "file"), 225'000u);
}

}  // namespace
}  // namespace rt
