// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/webhook.hpp"

#include <gtest/gtest.h>

#include "core/model/digest.hpp"
#include "core/model/error.hpp"
#include "tests/rt-bridge/rt/fixed_clock.hpp"

namespace rt {
namespace {

const std::string secret = "a secret of the two";
const std::string body = R"({"event":"repo_action","ticket":7,"transaction":53})";

class Hook : public testing::Test {
  protected:
    std::string timestamp(int seconds_from_now = 0) const {
        return std::to_string(clock_.now().time_since_epoch().count() + seconds_from_now);
    }

    static std::string sign(const std::string& time, const std::string& text,
                            const std::string& key = secret) {
        return "sha256=" + core::hmac_sha256(key, time + "." + text);
    }

    bool signed_then(int seconds_from_now) const {
        const std::string time = timestamp(seconds_from_now);
        return webhook_.is_authentic(time, sign(time, body), body);
    }

    tests::FixedClock clock_;
    Webhook webhook_{secret, clock_};
};

TEST_F(Hook, AForgedOneIsNotAuthentic) {
    const std::string now = timestamp();
    const std::string good = sign(now, body);
    ASSERT_TRUE(webhook_.is_authentic(now, good, body));
    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (const std::string& signature :
         {std::string(), std::string("sha256="), good.substr(7), good.substr(0, good.size() - 1),
          good + "0", upper, "sha1=" + good.substr(7), sign(now, body, "another secret, not ours"),
          sign(timestamp(1), body), sign(now, body + " "), "sha256=" + std::string(64, '0')}) {
        EXPECT_FALSE(webhook_.is_authentic(now, signature, body)) << signature;
    }
    for (const std::string& time :
         {std::string(), std::string("x"), std::string("-5"), now + " ", " " + now, "+" + now,
          now + ".0", now + '\0', std::string(18, '9'), std::string(40, '9')}) {
        EXPECT_FALSE(webhook_.is_authentic(time, sign(time, body), body)) << time;
    }
}

TEST_F(Hook, AnAlteredBodyIsNotWhatWasSigned) {
    std::string altered = body;
    altered.replace(altered.find("53"), 2, "54");
    EXPECT_FALSE(webhook_.is_authentic(timestamp(), sign(timestamp(), body), altered));
}

TEST_F(Hook, ATimestampOutsideTheWindowIsRefused) {
    EXPECT_TRUE(signed_then(-300));
    EXPECT_TRUE(signed_then(300));
    EXPECT_FALSE(signed_then(-301));
    EXPECT_FALSE(signed_then(301));
    EXPECT_FALSE(signed_then(-600));
}

TEST_F(Hook, AReplayIsTakenWithinTheWindowOnly) {
    const std::string time = timestamp();
    const std::string signature = sign(time, body);
    EXPECT_TRUE(webhook_.is_authentic(time, signature, body));
    clock_.time += std::chrono::seconds(300);
    EXPECT_TRUE(webhook_.is_authentic(time, signature, body));
    clock_.time += std::chrono::seconds(1);
    EXPECT_FALSE(webhook_.is_authentic(time, signature, body));
    clock_.time += std::chrono::seconds(300);
    EXPECT_FALSE(Webhook(secret, clock_).is_authentic(time, signature, body)) << "after a restart";
}

TEST_F(Hook, AShortSecretIsAnErrorOfTheOperator) {
    EXPECT_THROW(Webhook("short", clock_), core::Error);
}

}  // namespace
}  // namespace rt
