// SPDX-License-Identifier: GPL-3.0-or-later
// The client against a server that does everything wrong.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/system/files.hpp"
#include "rt-bridge/http/client.hpp"
#include "tests/rt-bridge/helper_process.hpp"
#include "tests/scratch.hpp"

namespace http {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t entity_size = 1 << 20;

class Download : public testing::Test {
  protected:
    Access access() const {
        Access access;
        access.hosts = {"127.0.0.1:" + server_.line(), "localhost:" + server_.line()};
        access.networks = {Network::parse("127.0.0.0/8")};
        return access;
    }

    static Limits short_limits() {
        Limits limits;
        limits.connect = milliseconds(2000);
        limits.total = milliseconds(10'000);
        limits.slow_for = std::chrono::seconds(2);
        limits.pause = milliseconds(5);
        return limits;
    }

    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + server_.line() + path;
    }

    Saved download(const std::string& path, std::uint64_t limit = 4 * entity_size) {
        std::filesystem::remove(file_);
        return Client(access(), short_limits()).download(url(path), file_, limit);
    }

    Trouble trouble(const std::string& path, std::uint64_t limit = 4 * entity_size) {
        return trouble_of([&] { download(path, limit); });
    }

    template <class Action>
    Trouble trouble_of(Action&& action) {
        try {
            action();
        } catch (const Failure& failure) {
            EXPECT_FALSE(std::filesystem::exists(file_)) << "a part was left";
            last_text_ = failure.what();
            return failure.trouble();
        }
        ADD_FAILURE() << "was accepted";
        return Trouble::broken;
    }

    nlohmann::json requests() {
        const Response log = Client(access()).send({"GET", url("/log"), {}, {}}, 1 << 20);
        return nlohmann::json::parse(log.body);
    }

    core::Digest entity() { return download("/entity").digest; }

    tests::HelperProcess server_{{"python3", EVIL_SERVER}};
    tests::Scratch scratch_;
    std::filesystem::path file_ = scratch_ / "file";
    std::string last_text_;
};

TEST_F(Download, WhatIsSaidToBeSavedIsInTheFile) {
    const Saved saved = download("/entity");
    EXPECT_EQ(saved.size, entity_size);
    EXPECT_EQ(saved.digest, core::sha256_file(file_));
    EXPECT_EQ(std::filesystem::file_size(file_), entity_size);
    EXPECT_EQ(requests().back()["agent"].get<std::string>().find("Mozilla"), std::string::npos);
}

TEST_F(Download, GoesOnWhereItWasCutOff) {
    const core::Digest whole = entity();
    EXPECT_EQ(download("/cut").digest, whole);
    EXPECT_EQ(core::sha256_file(file_), whole);
    EXPECT_EQ(requests().back()["range"], "bytes=" + std::to_string(entity_size / 2) + "-");
}

TEST_F(Download, BeginsAnewWhereTheServerGivesNoValidator) {
    const core::Digest whole = entity();
    EXPECT_EQ(download("/cut-without-validator").digest, whole);
    EXPECT_TRUE(requests().back()["range"].is_null());
}

TEST_F(Download, BeginsAnewIfTheEntityHasChanged) {
    const core::Digest other = download("/other").digest;
    EXPECT_EQ(download("/changed").digest, other);
    EXPECT_EQ(core::sha256_file(file_), other);
}

TEST_F(Download, PartsOfTwoEntitiesAreNeverJoined) {
    EXPECT_EQ(trouble("/changed-part"), Trouble::broken);
    EXPECT_EQ(trouble("/wrong-part"), Trouble::broken);
    EXPECT_EQ(trouble("/unasked-part"), Trouble::broken);
}

TEST_F(Download, ARestThatIsNotThereAnyMoreMeansToBeginAnew) {
    const core::Digest whole = entity();
    EXPECT_EQ(download("/vanished-part").digest, whole);
}

TEST_F(Download, ATruncatedFileIsNoFile) {
    EXPECT_EQ(trouble("/truncated"), Trouble::broken);
    EXPECT_EQ(trouble("/broken-chunks"), Trouble::broken);
}

TEST_F(Download, StopsAtItsLimitWhateverTheHeadersSay) {
    EXPECT_EQ(trouble("/endless"), Trouble::too_large);
    EXPECT_EQ(trouble("/huge-length"), Trouble::too_large);
    EXPECT_EQ(trouble("/entity", entity_size - 1), Trouble::too_large);
    EXPECT_EQ(download("/entity", entity_size).size, entity_size);
    EXPECT_EQ(trouble("/endless-headers"), Trouble::broken);  // libcurl has a limit of its own
}

TEST_F(Download, AContentEncodingIsNotUndone) {
    EXPECT_LT(download("/bomb").size, 200'000u);
}

TEST_F(Download, ADrippingServerIsGivenUp) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(trouble("/drip"), Trouble::too_slow);
    EXPECT_EQ(trouble("/silent"), Trouble::too_slow);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(12));
}

TEST_F(Download, TheTotalTimeEndsItEvenIfBytesCome) {
    Limits limits = short_limits();
    limits.total = milliseconds(700);
    limits.slowest = 0;
    EXPECT_EQ(trouble_of([&] { Client(access(), limits).download(url("/drip"), file_, 4000); }),
              Trouble::too_slow);
}

TEST_F(Download, AnErrorPageIsNotTheFile) {
    EXPECT_THROW(download("/nothing-here.rpm"), StatusFailure);
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Download, FollowsARedirectToAnAllowedHost) {
    const Saved saved = download("/redirect?to=http://localhost:" + server_.line() + "/entity");
    EXPECT_EQ(saved.size, entity_size);
    EXPECT_EQ(saved.url.host, "localhost");
}

TEST_F(Download, ARedirectCannotLeaveWhatIsAllowed) {
    for (const char* target :
         {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "dict://127.0.0.1:11/",
          "http://169.254.169.254/latest/", "http://127.0.0.1:22/", "http://[::1]/",
          "http://10.0.0.1/", "http://user:pw@127.0.0.1/", "http://other.example.org/"}) {
        EXPECT_EQ(trouble(std::string("/redirect?to=") + target), Trouble::forbidden)
            << target << ": " << last_text_;
    }
    EXPECT_EQ(trouble("/loop"), Trouble::broken);
}

TEST_F(Download, CredentialsDoNotGoToAnotherHost) {
    const Headers headers{{"Authorization", "token secret"}};
    Client client(access(), short_limits());
    client.download(url("/redirect?to=http://localhost:" + server_.line() + "/entity"), file_,
                    entity_size, headers);
    const auto log = requests();
    EXPECT_EQ(log[0]["authorization"], "token secret");
    EXPECT_TRUE(log[1]["authorization"].is_null());
}

TEST_F(Download, AnAllowedNameWithAForbiddenAddressIsNotConnectedTo) {
    Access only_names = access();
    only_names.networks.clear();
    EXPECT_EQ(trouble_of([&] {
                  Client(only_names, short_limits())
                      .download("http://localhost:" + server_.line() + "/entity", file_, 9);
              }),
              Trouble::forbidden);
    EXPECT_TRUE(requests().empty());
}

TEST_F(Download, TheProxyOfTheEnvironmentIsNotUsed) {
    ::setenv("http_proxy", "http://127.0.0.1:1/", 1);
    ::setenv("all_proxy", "http://127.0.0.1:1/", 1);
    EXPECT_EQ(download("/entity").size, entity_size);
    ::unsetenv("http_proxy");
    ::unsetenv("all_proxy");
}

TEST_F(Download, NobodyListeningIsUnreachable) {
    Access everywhere = access();
    everywhere.hosts = {"127.0.0.1:1", "no-such-host.invalid"};
    Limits limits = short_limits();
    limits.attempts = 2;
    EXPECT_EQ(
        trouble_of([&] { Client(everywhere, limits).download("http://127.0.0.1:1/", file_, 9); }),
        Trouble::unreachable);
    EXPECT_EQ(trouble_of([&] {
                  Client(everywhere, limits).download("http://no-such-host.invalid/", file_, 9);
              }),
              Trouble::unreachable);
}

TEST_F(Download, TellsHowFarItIs) {
    std::uint64_t most = 0, announced = 0;
    Client client(access(), short_limits());
    client.on_progress([&](const Url&, std::uint64_t received, std::uint64_t total) {
        most = std::max(most, received);
        announced = std::max(announced, total);
    });
    client.download(url("/cut"), file_, entity_size);
    EXPECT_EQ(most, entity_size);
    EXPECT_EQ(announced, entity_size);
}

TEST_F(Download, ARequestIsAnsweredOnceAndNeverRedirected) {
    Client client(access(), short_limits());
    const Response response = client.send({"GET", url("/redirect?to=/entity"), {}, {}}, 1000);
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(response.headers.at("location"), "/entity");
    EXPECT_THROW(client.send({"GET", url("/entity"), {}, {}}, 1000), Failure);
}

}  // namespace
}  // namespace http
