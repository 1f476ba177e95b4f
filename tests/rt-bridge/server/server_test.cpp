// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/server.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>

#include "core/system/files.hpp"

namespace server {
namespace {

Answer echo(const Request& request) {
    if (request.path() == "/throw") throw std::runtime_error("a secret");
    if (request.path() == "/parts") {
        core::File file(::memfd_create("parts", MFD_CLOEXEC));
        file.write(std::string(50'000, 'a') + std::string(50'000, 'b'));
        return {206, {}, FileParts{std::move(file), {{"<", 49'000, 40'000}, {"><", 0, 1}}, ">"}};
    }
    if (request.path() == "/large") return {200, {}, std::string(9 << 20, 'x')};
    return {200, {{"X-Target", request.target}}, request.method + " " + request.body};
}

/// Sends, and reads until the end.
class Client {
  public:
    explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{5, 0};
        ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        EXPECT_EQ(::connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                            sizeof address),
                  0);
    }

    bool send(const std::string& text) const {
        return ::send(socket_.descriptor(), text.data(), text.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(text.size());
    }

    std::string rest() const {
        std::string all;
        std::string block(1 << 16, '\0');
        while (true) {
            const ssize_t got = ::recv(socket_.descriptor(), block.data(), block.size(), 0);
            if (got < 0 && errno == EAGAIN) return all + "<no end>";
            if (got <= 0) return all;
            all.append(block, 0, static_cast<std::size_t>(got));
        }
    }

    /// Until there is something to read.
    void wait() const {
        char byte = 0;
        EXPECT_EQ(::recv(socket_.descriptor(), &byte, 1, MSG_PEEK), 1);
    }

  private:
    core::File socket_;
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
}

class ServerTest : public testing::Test {
  protected:
    static Limits limits() {
        Limits limits;
        limits.body = 100;
        limits.connections_of_address = 8;
        return limits;
    }

    std::string answer_to(const std::string& text) const {
        const Client client(server_.port());
        client.send(text);
        return client.rest();
    }

    Server server_{"127.0.0.1", 0, limits(), echo};
};

const std::string last = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST_F(ServerTest, AnswersWhatIsPipelinedInItsOrder) {
    const std::string all = answer_to(
        "GET /first HTTP/1.1\r\nHost: x\r\n\r\nHEAD /second HTTP/1.1\r\nHost: x\r\n\r\n"
        "POST /third HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde" +
        last);
    EXPECT_EQ(count(all, "HTTP/1.1 200 OK\r\n"), 4u) << all;
    EXPECT_EQ(count(all, "GET "), 2u);
    EXPECT_EQ(count(all, "HEAD "), 0u) << "its answer has no body";
    EXPECT_EQ(count(all, "POST abcde"), 1u);
    EXPECT_LT(all.find("X-Target: /first"), all.find("X-Target: /second"));
    EXPECT_LT(all.find("X-Target: /third"), all.find("X-Target: /last"));
}

TEST_F(ServerTest, NothingOfABodyIsTakenForARequest) {
    const std::string inner = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const std::string& head :
         {"GET /outer HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(inner.size()),
          std::string("GET /outer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"),
          std::string("POST /outer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"),
          std::string("POST /outer HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                      "Transfer-Encoding: chunked"),
          std::string("POST /outer HTTP/1.1\r\nHost: x\r\nContent-Length: 1x")}) {
        const std::string all = answer_to(head + "\r\n\r\n" + inner + last);
        EXPECT_LE(count(all, " 200 "), 1u) << head << "\n" << all;
        EXPECT_EQ(count(all, "/last"), 0u) << all;
        EXPECT_EQ(all.find("<no end>"), std::string::npos) << all;
        EXPECT_EQ(count(all, "/inner"), 0u) << all;
    }
}

TEST_F(ServerTest, ABodyNeedsALengthThatIsAllowed) {
    EXPECT_NE(answer_to("POST / HTTP/1.1\r\nHost: x\r\n\r\n").find(" 411 "), std::string::npos);
    for (const std::size_t size : {101u, 1'000'000u}) {
        const std::string all = answer_to(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            "Content-Length: " +
            std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
        EXPECT_NE(all.find(" 413 "), std::string::npos) << all;
    }
    EXPECT_NE(
        answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n").find(" 413 "),
        std::string::npos);
}

TEST_F(ServerTest, AHeadIsBounded) {
    for (const std::string& begin : {std::string("GET /"), std::string("GET / HTTP/1.1\r\nX: "),
                                     std::string("GET / HTTP/1.1\r\n")}) {
        const Client client(server_.port());
        client.send(begin);
        std::string more = begin.ends_with('\n') ? "X: y\r\n" : "x";
        while (more.size() < 1 << 16) more += begin.ends_with('\n') ? more : "xxxxxxxx";
        int sent = 0;
        while (sent < 1000 && client.send(more)) ++sent;
        EXPECT_LT(sent, 500) << begin;
        const std::string all = client.rest();
        EXPECT_EQ(all.find(" 200 "), std::string::npos) << all;
    }
}

TEST_F(ServerTest, ATargetIsAsItCame) {
    const std::string all =
        answer_to("GET /a%00b%20?q=%41 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(all.find("X-Target: /a%00b%20?q=%41\r\n"), std::string::npos) << all;
}

TEST_F(ServerTest, PartsOfAFileAreOneBody) {
    const std::string all =
        answer_to("GET /parts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(all.find("Content-Length: 40005\r\n"), std::string::npos);
    const std::string body = all.substr(all.find("\r\n\r\n") + 4);
    EXPECT_TRUE(body == "<" + std::string(1000, 'a') + std::string(39'000, 'b') + "><a>");
}

TEST_F(ServerTest, StrangersAreNotToldWhatWentWrong) {
    const std::string all =
        answer_to("GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(all.find(" 500 "), std::string::npos);
    EXPECT_EQ(all.find("secret"), std::string::npos);
}

TEST_F(ServerTest, AnswersInMemoryAreBounded) {
    const std::string request = "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const Client slow(server_.port());
    slow.send(request);
    slow.wait();
    EXPECT_NE(answer_to(request).find(" 503 "), std::string::npos);
    EXPECT_GT(slow.rest().size(), 9u << 20);
    EXPECT_GT(answer_to(request).size(), 9u << 20) << "it is free again";
}

TEST_F(ServerTest, WhoSendsNothingMakesRoomForOthersOfItsAddress) {
    std::vector<std::unique_ptr<Client>> idle;
    for (int i = 0; i < 40; ++i) idle.push_back(std::make_unique<Client>(server_.port()));
    EXPECT_NE(answer_to(last).find(" 200 "), std::string::npos);
    EXPECT_EQ(idle.front()->rest(), "") << "ended";
}

TEST(ServerThreads, EndWithIt) {
    const auto threads = [] {
        const std::filesystem::directory_iterator tasks("/proc/self/task");
        return std::distance(begin(tasks), end(tasks));
    };
    { const Server first("127.0.0.1", 0, {}, echo); }  // a sanitizer begins one of its own with it
    const auto before = threads();
    for (int i = 0; i < 3; ++i) {
        const Server server("127.0.0.1", 0, {}, echo);
        const Client client(server.port());
        client.send("GET / HTTP/1.1\r\n");
        EXPECT_GT(threads(), before);
    }
    EXPECT_EQ(threads(), before);
}

TEST(ServerAddress, ThatIsTakenIsAnError) {
    const Server server("127.0.0.1", 0, {}, echo);
    EXPECT_THROW(Server("127.0.0.1", server.port(), {}, echo), std::exception);
    EXPECT_THROW(Server("no.such.host.invalid", 0, {}, echo), std::exception);
}

}  // namespace
}  // namespace server
