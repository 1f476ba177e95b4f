// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/listener.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/model/digest.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/http/client.hpp"

namespace rt {
namespace {

const std::string secret = "a secret of the two";

class ListenerTest : public testing::Test {
  protected:
    ListenerHooks hooks() {
        return {
            [this] { ++hints_; },
            [](TicketId ticket) {
                return ticket == 7 ? std::optional<std::string>(R"({"ticket":7})") : std::nullopt;
            },
            [this] {
                return ListenerHooks::Health{healthy_, "RT was asked just now"};
            },
            [] { return std::string("sluice_hints_total 1\n"); },
        };
    }

    http::Headers headers(const std::string& text) {
        const std::string now = std::to_string(clock_.now().time_since_epoch().count());
        return {{"X-Sluice-Timestamp", now},
                {"X-Sluice-Signature", "sha256=" + core::hmac_sha256(secret, now + "." + text)},
                {"Content-Type", "application/json"}};
    }

    http::Response request(const std::string& method, const std::string& path,
                           http::Headers headers = {}, const std::string& body = {}) {
        const std::string url = "http://127.0.0.1:" + std::to_string(listener_.port());
        http::Client client(http::Access::to(url));
        return client.send({method, url + path, std::move(headers), body}, 1 << 20);
    }

    core::File connected() const {
        core::File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(listener_.port()));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                            sizeof address),
                  0);
        return socket;
    }

    core::SystemClock clock_;
    Webhook webhook_{secret, clock_};
    std::atomic<int> hints_ = 0;
    bool healthy_ = true;
    Listener listener_{"127.0.0.1", 0, webhook_, hooks()};
};

TEST_F(ListenerTest, HandsOnWhatRtSigned) {
    const std::string body = R"({"ticket":7,"transaction":53})";
    EXPECT_EQ(request("POST", "/hook", headers(body), body).status, 200);
    EXPECT_EQ(hints_, 1);
}

TEST_F(ListenerTest, HandsOnNothingElse) {
    const std::string body = R"({"ticket":7,"transaction":53})";
    EXPECT_EQ(request("POST", "/hook", headers("other"), body).status, 401);
    EXPECT_EQ(request("POST", "/hook", {}, body).status, 401);
    const std::string large(largest_hook_body + 1, ' ');
    EXPECT_EQ(request("POST", "/hook", headers(large), large).status, 413);
    EXPECT_EQ(request("GET", "/hook").status, 404);
    EXPECT_EQ(request("GET", "/").status, 404);
    EXPECT_EQ(hints_, 0);
}

TEST_F(ListenerTest, AnEndlessBodyIsNotRead) {
    const std::string data(0x10000, ' ');
    for (const auto& [header, block] :
         {std::pair{std::string("Transfer-Encoding: chunked\r\n"), "10000\r\n" + data + "\r\n"},
          {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "10000\r\n" + data + "\r\n"},
          {"", data}}) {
        const core::File socket = connected();
        const auto send = [&](const std::string& text) {
            return ::send(socket.descriptor(), text.data(), text.size(), MSG_NOSIGNAL) > 0;
        };
        send("POST /hook HTTP/1.1\r\n" + header + "\r\n");
        int sent = 0;
        while (sent < 1000 && send(block)) ++sent;
        EXPECT_LT(sent, 200) << header;
    }
    http::Headers compressed = headers("{}");
    compressed.emplace_back("Content-Encoding", "br");
    EXPECT_EQ(request("POST", "/hook", compressed, "{}").status, 411);
}

TEST_F(ListenerTest, TellsOfAReleaseToRtOnly) {
    const http::Response response =
        request("GET", "/release?ticket=7", headers("release?ticket=7"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"ticket":7})");
    EXPECT_EQ(request("GET", "/release?ticket=8", headers("release?ticket=8")).status, 404);
    EXPECT_EQ(request("GET", "/release?ticket=x", headers("release?ticket=x")).status, 404);
    EXPECT_EQ(request("GET", "/release?ticket=7", headers("release?ticket=8")).status, 401);
    EXPECT_EQ(request("GET", "/release?ticket=7").status, 401);
}

TEST_F(ListenerTest, TellsMonitoringHowItIs) {
    EXPECT_EQ(request("GET", "/healthz").status, 200);
    healthy_ = false;
    EXPECT_EQ(request("GET", "/healthz").status, 503);
    EXPECT_EQ(request("GET", "/metrics").body, "sluice_hints_total 1\n");
}

TEST_F(ListenerTest, APortThatIsTakenIsAnError) {
    EXPECT_THROW(Listener("127.0.0.1", listener_.port(), webhook_, hooks()), core::Error);
}

}  // namespace
}  // namespace rt
