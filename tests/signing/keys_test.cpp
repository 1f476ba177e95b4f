// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/keys.hpp"

#include <gtest/gtest.h>
#include <thread>

#include "core/model/error.hpp"
#include "core/system/lock.hpp"
#include "signing/signer.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

class Keys : public testing::Test {
  protected:
    Scratch scratch;
    const core::Time now = core::SystemClock().now();
};

TEST_F(Keys, NewKeyCanSignAndNothingElseAndNeverExpires) {
    const std::filesystem::path home = scratch / "h";
    const std::string key = signing::generate_key(home, "D\xC3\xA9p\xC3\xB4t <depot@example.org>");
    EXPECT_EQ(std::filesystem::status(home).permissions(), std::filesystem::perms::owner_all);
    const auto keys =
        signing::read_public_keys(signing::GpgSigner(home, key).public_key(), scratch / "v").keys;
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys[0].fingerprint(), key);
    ASSERT_EQ(keys[0].parts.size(), 1u);
    EXPECT_EQ(keys[0].parts[0].algorithm.name(), "RSA-3072");
    EXPECT_EQ(keys[0].unusable(now), "");
    EXPECT_EQ(keys[0].usable_until(), std::nullopt);
    const std::string listing = Gnupg(home).run({"--with-colons", "--list-keys"});
    EXPECT_NE(listing.find(":scSC:"), std::string::npos) << listing;
    EXPECT_NE(listing.find(":D\xC3\xA9p\xC3\xB4t <depot@example.org>:"), std::string::npos)
        << listing;
}

TEST_F(Keys, NewKeyMayExpire) {
    const auto year = std::chrono::hours(24 * 365);
    signing::generate_key(scratch / "h", "Depot <depot@example.org>",
                          signing::NewKeyAlgorithm::ed25519, year);
    const Gnupg home(scratch / "h");
    const auto keys = signing::read_public_keys(home.run({"--export"}), scratch / "v").keys;
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys[0].parts[0].algorithm.name(), "ed25519");
    ASSERT_TRUE(keys[0].usable_until());
    EXPECT_LE(*keys[0].usable_until() - now, year + std::chrono::minutes(1));
    EXPECT_GE(*keys[0].usable_until() - now, year - std::chrono::minutes(1));
}

TEST_F(Keys, SecondKeyUnderOneNameIsHowAKeyIsRotated) {
    const auto make = [&] {
        return signing::generate_key(scratch / "h", "Depot <depot@example.org>",
                                     signing::NewKeyAlgorithm::ed25519);
    };
    const std::string old = make();
    EXPECT_NE(make(), old);
    EXPECT_EQ(signing::GpgSigner(scratch / "h", old).fingerprint(), old);
}

TEST_F(Keys, AreReadWhileAnotherProcessOpensTheDepot) {
    const std::string key = signing::generate_key(scratch / "h", "Ada <ada@example.org>",
                                                  signing::NewKeyAlgorithm::ed25519);
    const std::string text = Gnupg(scratch / "h").run({"--export"});
    const std::filesystem::path work = scratch / "work";
    const std::jthread other([&](const std::stop_token& end) {
        while (!end.stop_requested()) core::Scratch::sweep(work);
    });
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(signing::key_reader(work)(text).keys.at(0).fingerprint, key);
    }
}

TEST_F(Keys, HostileUserIdMakesNoKey) {
    for (const std::string id : {"", "a\nb", "\x1B[2J", "\xFF", " a", "\xE2\x80\xAE"}) {
        EXPECT_THROW(signing::generate_key(scratch / "h", id), core::Error);
    }
    EXPECT_THROW(signing::generate_key(scratch / "h", std::string(1000, 'a')), core::Error);
    EXPECT_FALSE(std::filesystem::exists(scratch / "h"));
}

TEST_F(Keys, HomeThatIsAFileIsAnError) {
    const Gnupg home(scratch / "h");
    home.run({"--version"});
    EXPECT_THROW(signing::generate_key(home.home() / "input", "Depot <d@example.org>"),
                 core::Error);
}

TEST_F(Keys, DescriptionSaysWhyAKeyIsUnusable) {
    const Gnupg home(scratch / "h");
    const std::string revoked = home.key("ed25519");
    home.revoke(revoked);
    const std::string expired =
        home.key("rsa2048", "30d", {"--faked-system-time", "20240101T000000"});
    const std::string weak = home.key("rsa1024");
    const auto why = [&](const std::string& key) {
        return signing::read_public_keys(home.exported(key), scratch / "v")
            .keys.at(0)
            .unusable(now);
    };
    EXPECT_EQ(why(revoked), "revoked");
    EXPECT_EQ(why(expired), "expired on 2024-01-31T00:00:00Z");
    EXPECT_EQ(why(weak), "RSA-1024 key");
}

TEST_F(Keys, SigningSubkeyLimitsTheUseOfItsKey) {
    const Gnupg home(scratch / "h");
    const std::string key = home.key("ed25519", "never", {}, "cert");
    const auto described = [&] {
        return signing::read_public_keys(home.exported(key), scratch / "v").keys.at(0);
    };
    EXPECT_EQ(described().unusable(now), "no key for signing");
    home.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "30d"});
    EXPECT_EQ(described().unusable(now), "");
    ASSERT_TRUE(described().usable_until());
    EXPECT_LT(*described().usable_until() - now, std::chrono::hours(24 * 31));
}

TEST_F(Keys, RulesAreToldOfEachPartThatSigns) {
    const Gnupg home(scratch / "h");
    const std::string key = home.key("ed25519", "never", {}, "cert");
    home.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "30d"});
    home.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
    home.run({"--passphrase", "", "--quick-add-key", key, "cv25519", "encr", "never"});
    home.run({"--command-fd", "0", "--edit-key", key}, "key 2\nrevkey\ny\n0\n\ny\nsave\n");
    const std::string text = home.exported(key);
    const core::KeyFacts facts = signing::key_reader(scratch / "v")(text).keys.at(0);
    const auto parts = signing::read_public_keys(text, scratch / "v").keys.at(0).parts;
    EXPECT_FALSE(facts.revoked);
    EXPECT_EQ(facts.expires, std::nullopt);
    ASSERT_EQ(facts.parts.size(), 2u);
    EXPECT_EQ(facts.parts[0].fingerprint, parts.at(1).fingerprint);
    EXPECT_FALSE(facts.parts[0].revoked);
    ASSERT_TRUE(facts.parts[0].expires);
    EXPECT_LT(*facts.parts[0].expires - now, std::chrono::hours(24 * 31));
    EXPECT_EQ(facts.parts[1].fingerprint, parts.at(2).fingerprint);
    EXPECT_TRUE(facts.parts[1].revoked);
}

TEST_F(Keys, AllKeysOfAFileAreDescribed) {
    const Gnupg home(scratch / "h");
    const std::string first = home.key("ed25519");
    home.revoke(first);
    const std::string second = home.key("rsa2048");
    const auto keys = signing::read_public_keys("The first\n" + home.exported(first) +
                                                    "The second\n" + home.exported(second),
                                                scratch / "v")
                          .keys;
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].fingerprint(), first);
    EXPECT_EQ(keys[1].fingerprint(), second);
}

TEST_F(Keys, HostileKeyFileIsAnError) {
    const Gnupg home(scratch / "h");
    const std::string key = home.exported(home.key("ed25519"));
    std::string damaged = key;
    damaged[damaged.size() / 2] ^= 1;
    for (const std::string& text :
         {std::string(), std::string("hello"), damaged, key.substr(0, key.size() / 2),
          std::string(100, '\xFF'), std::string(2 << 20, 'A'),
          home.run({"--armor", "--export-secret-keys"}), home.signature("x")}) {
        EXPECT_THROW(signing::read_public_keys(text, scratch / "v"), core::Error);
    }
    EXPECT_TRUE(!std::filesystem::exists(scratch / "v") ||
                std::filesystem::is_empty(scratch / "v"));
}

}  // namespace
}  // namespace signing_test
