// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/webhook.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.hpp"
#include "core/error.hpp"
#include "tests/rt-bridge/rt/fixed_clock.hpp"
#include "tests/scratch.hpp"

namespace rt {
namespace {

const std::string secret = "a secret of the two";
const std::string body = R"({"event":"repo_action","ticket":7,"transaction":53})";

class Hook : public testing::Test {
  protected:
    Hook() { restart(); }

    void restart() {
        webhook_.reset();
        nonces_.emplace(scratch_ / "nonces", clock_, 2 * hook_window);
        webhook_.emplace(secret, clock_, *nonces_);
    }

    std::string timestamp(int seconds_from_now = 0) const {
        return std::to_string(clock_.now().time_since_epoch().count() + seconds_from_now);
    }

    static std::string sign(const std::string& time, const std::string& text,
                            const std::string& key = secret) {
        return "sha256=" + core::hmac_sha256(key, time + "." + text);
    }

    HookVerdict send(const std::string& time, const std::string& signature,
                     const std::string& text = body, const std::string& type = "application/json") {
        return webhook_->judge({type, time, signature, text});
    }

    int status(const std::string& text, int seconds = 0) {
        return send(timestamp(seconds), sign(timestamp(seconds), text), text).http_status;
    }

    tests::Scratch scratch_;
    tests::FixedClock clock_;
    std::optional<NonceStore> nonces_;
    std::optional<Webhook> webhook_;
};

TEST_F(Hook, WhatRtSignedIsAccepted) {
    EXPECT_EQ(send(timestamp(), sign(timestamp(), body)), (HookVerdict{202, 7, 53}));
    EXPECT_EQ(send(timestamp(1), sign(timestamp(1), body), body, "Application/JSON; charset=utf-8"),
              (HookVerdict{202, 7, 53}));
}

TEST_F(Hook, AForgedOneIsNot) {
    const std::string now = timestamp();
    const std::string good = sign(now, body);
    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (const std::string& signature :
         {std::string(), std::string("sha256="), good.substr(7), good.substr(0, good.size() - 1),
          good + "0", upper, "sha1=" + good.substr(7), sign(now, body, "another secret, not ours"),
          sign(timestamp(1), body), sign(now, body + " "), "sha256=" + std::string(64, '0')}) {
        EXPECT_EQ(send(now, signature).http_status, 401) << signature;
    }
    for (const std::string& time : {std::string(), std::string("x"), std::string("-5"), now + " ",
                                    now + ".0", std::string(40, '9')}) {
        EXPECT_EQ(send(time, sign(time, body)).http_status, 401) << time;
    }
}

TEST_F(Hook, AnAlteredBodyIsNotWhatWasSigned) {
    std::string altered = body;
    altered.replace(altered.find("53"), 2, "54");
    EXPECT_EQ(send(timestamp(), sign(timestamp(), body), altered).http_status, 401);
}

TEST_F(Hook, ATimestampOutsideTheWindowIsRefused) {
    EXPECT_EQ(status(body, -300), 202);
    EXPECT_EQ(status(body, 300), 202);
    EXPECT_EQ(status(body, -301), 409);
    EXPECT_EQ(status(body, 301), 409);
    EXPECT_EQ(status(body, -600), 409);
}

TEST_F(Hook, AReplayIsRefusedAlsoAfterARestart) {
    const std::string time = timestamp();
    EXPECT_EQ(send(time, sign(time, body)).http_status, 202);
    EXPECT_EQ(send(time, sign(time, body)).http_status, 409);
    restart();
    EXPECT_EQ(send(time, sign(time, body)).http_status, 409);
    clock_.time += std::chrono::seconds(299);
    restart();
    EXPECT_EQ(send(time, sign(time, body)).http_status, 409);
}

TEST_F(Hook, ASignatureFromTheFutureCannotBeReplayedWhenItsTimeComes) {
    const std::string time = timestamp(300);
    EXPECT_EQ(send(time, sign(time, body)).http_status, 202);
    clock_.time += std::chrono::seconds(600);
    restart();
    EXPECT_EQ(send(time, sign(time, body)).http_status, 409);
}

TEST_F(Hook, OtherContentIsNotTaken) {
    EXPECT_EQ(send(timestamp(), sign(timestamp(), body), body, "text/plain").http_status, 415);
    EXPECT_EQ(send(timestamp(), sign(timestamp(), body), body, "").http_status, 415);
    const std::string large(largest_hook_body + 1, ' ');
    EXPECT_EQ(status(large), 413);
    for (const char* text :
         {"", "x", "[]", "7", "{}", R"({"ticket":7})", R"({"ticket":0,"transaction":1})",
          R"({"ticket":-7,"transaction":1})", R"({"ticket":"7 ","transaction":1})",
          R"({"ticket":7.5,"transaction":1})", R"({"ticket":[7],"transaction":1})",
          "{\"ticket\":7,\"transaction\":53",
          R"({"ticket":99999999999999999999,"transaction":1})"}) {
        EXPECT_EQ(status(text), 400) << text;
    }
    EXPECT_EQ(status(std::string(60'000, '[')), 400);
    EXPECT_EQ(status(R"({"ticket":"7","transaction":"53","more":null})"), 202);
}

TEST_F(Hook, AShortSecretIsAnErrorOfTheOperator) {
    EXPECT_THROW(Webhook("short", clock_, *nonces_), core::Error);
}

TEST_F(Hook, APipeInThePlaceOfTheNoncesIsNotWaitedFor) {
    std::filesystem::remove(scratch_ / "nonces");
    ASSERT_EQ(::mkfifo((scratch_ / "nonces").c_str(), 0644), 0);
    ::alarm(20);  // ends the process, where it waits
    EXPECT_THROW(nonces_->add("nonce"), core::Error);
    ::alarm(0);
}

TEST_F(Hook, NoncesAreForgottenWhenTheyCanNotBeUsedAnyMore) {
    for (int i = 0; i < 3000; ++i) EXPECT_TRUE(nonces_->add("nonce" + std::to_string(i)));
    EXPECT_EQ(nonces_->size(), 3000u);
    clock_.time += std::chrono::seconds(601);
    EXPECT_TRUE(nonces_->add("new"));
    EXPECT_EQ(nonces_->size(), 1u);
    EXPECT_LT(std::filesystem::file_size(scratch_ / "nonces"), 100u);
}

TEST_F(Hook, ATornLineDoesNotHideTheOthers) {
    EXPECT_TRUE(nonces_->add("one"));
    std::ofstream(scratch_ / "nonces", std::ios::app) << "18000";
    restart();
    EXPECT_FALSE(nonces_->add("one"));
    EXPECT_TRUE(nonces_->add("two"));
    restart();
    EXPECT_FALSE(nonces_->add("two"));
}

}  // namespace
}  // namespace rt
