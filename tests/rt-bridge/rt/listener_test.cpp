// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/listener.hpp"

#include <gtest/gtest.h>
#include <mutex>

#include "core/digest.hpp"
#include "rt-bridge/http/client.hpp"
#include "tests/scratch.hpp"

namespace rt {
namespace {

const std::string secret = "a secret of the two";

class ListenerTest : public testing::Test {
  protected:
    ListenerHooks hooks() {
        return {
            [this](TicketId ticket, TransactionId transaction) {
                const std::lock_guard lock(mutex_);
                hints_.emplace_back(ticket, transaction);
            },
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

    tests::Scratch scratch_;
    core::SystemClock clock_;
    NonceStore nonces_{scratch_ / "nonces", clock_, 2 * hook_window};
    Webhook webhook_{secret, clock_, nonces_};
    std::mutex mutex_;
    std::vector<std::pair<TicketId, TransactionId>> hints_;
    bool healthy_ = true;
    Listener listener_{"127.0.0.1", 0, webhook_, hooks()};
};

TEST_F(ListenerTest, HandsOnWhatRtSigned) {
    const std::string body = R"({"ticket":7,"transaction":53})";
    EXPECT_EQ(request("POST", "/hook", headers(body), body).status, 202);
    EXPECT_EQ(hints_, (std::vector<std::pair<TicketId, TransactionId>>{{7, 53}}));
}

TEST_F(ListenerTest, HandsOnNothingElse) {
    const std::string body = R"({"ticket":7,"transaction":53})";
    EXPECT_EQ(request("POST", "/hook", headers("other"), body).status, 401);
    EXPECT_EQ(request("POST", "/hook", {{"Content-Type", "application/json"}}, body).status, 401);
    EXPECT_EQ(request("POST", "/hook", {}, body).status, 415);
    const std::string large(largest_hook_body + 1, ' ');
    EXPECT_EQ(request("POST", "/hook", headers(large), large).status, 413);
    EXPECT_EQ(request("GET", "/hook").status, 404);
    EXPECT_EQ(request("GET", "/").status, 404);
    EXPECT_TRUE(hints_.empty());
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
