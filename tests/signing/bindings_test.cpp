// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that are strong themselves and weak by what holds them together, as the real gpg makes and
// mends them.
#include "signing/bindings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "signing/signer.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using core::Verdict;
using Status = core::Verdict::Status;
using testing::HasSubstr;

const std::vector<std::string> by_sha1{"--cert-digest-algo", "SHA1", "--allow-weak-key-signatures"};

class Bindings : public testing::Test {
  protected:
    Verdict judged(const std::string& key) const {
        const std::vector<std::string> keys{home.exported(key)};
        return signing::FreshVerifier(scratch / "v", keys)
            .check_detached("bytes", home.signature("bytes", {"--local-user", key}));
    }

    void add_subkey(const std::string& key, std::vector<std::string> options = {}) const {
        options.insert(options.end(),
                       {"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
        home.run(options);
    }

    static std::vector<std::string> at(const std::string& day) {
        return {"--faked-system-time", day + "T000000"};
    }

    /// Runs the command between back quotes.
    void follow(const std::string& text) const {
        const std::size_t begin = text.find('`') + 1;
        std::string command = text.substr(begin, text.rfind('`') - begin);
        command.insert(4, "--batch --quiet --passphrase '' --homedir " + home.home().string() +
                              " --pinentry-mode loopback ");
        shell(command + " 2>&1");
    }

    Scratch scratch;
    Gnupg home{scratch / "h"};
};

TEST_F(Bindings, KeyThatCertifiesItselfBySha1IsWeakUntilItsOwnerMendsThat) {
    const std::string key = home.key("ed25519", "2y", by_sha1);
    const Verdict weak = judged(key);
    EXPECT_EQ(weak.status, Status::weak);
    EXPECT_THAT(weak.detail, HasSubstr("certified by its own SHA-1 signature"));
    EXPECT_EQ(weak.fingerprint, key);
    follow(weak.detail);
    EXPECT_EQ(judged(key).status, Status::good) << judged(key).detail;
    // Its end stays.
    EXPECT_TRUE(signing::GpgSigner(home.home(), key).key().usable_until());
}

TEST_F(Bindings, OneNameThatIsCertifiedWellIsEnough) {
    const std::string key = home.key("ed25519", "never", by_sha1);
    home.run({"--passphrase", "", "--quick-add-uid", key, "Other <other@example.org>"});
    EXPECT_EQ(judged(key).status, Status::good) << judged(key).detail;
}

TEST_F(Bindings, SubkeyIsWeakByItsBindingAndByItsOwnSignature) {
    const std::string key = home.key("ed25519");
    add_subkey(key, by_sha1);
    const Verdict binding = judged(key);
    EXPECT_EQ(binding.status, Status::weak);
    EXPECT_THAT(binding.detail, HasSubstr("bound by a SHA-1 signature"));
    follow(binding.detail);
    // gpg makes the binding anew and keeps what the subkey signed.
    const Verdict back = judged(key);
    EXPECT_EQ(back.status, Status::weak);
    EXPECT_THAT(back.detail, HasSubstr("vouches for its primary key by a SHA-1 signature"));
    add_subkey(key);
    EXPECT_EQ(judged(key).status, Status::good) << judged(key).detail;
}

TEST_F(Bindings, WeakKeyOfTheDepotSignsNothing) {
    const std::string key = home.key("ed25519", "never", by_sha1);
    const signing::GpgSigner signer(home.home(), key);
    EXPECT_THAT(signer.key().unusable(core::SystemClock().now()), HasSubstr("SHA-1"));
    try {
        sign_once(signer);
        FAIL() << "it signed";
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("--quick-set-expire " + key));
        follow(error.what());
    }
    EXPECT_NO_THROW(sign_once(signer));
}

TEST_F(Bindings, EachSubkeyIsJudgedByItself) {
    const std::string key = home.key("ed25519");
    add_subkey(key);
    add_subkey(key, by_sha1);
    home.run({"--passphrase", "", "--quick-add-key", key, "rsa1024", "sign", "never"});
    const std::vector<std::string> keys{home.exported(key)};
    const core::PublicKeys read = signing::key_reader(scratch / "v")(keys.front());
    EXPECT_EQ(read.keys.at(0).weakness, "");
    const auto& parts = read.keys.at(0).parts;
    ASSERT_EQ(parts.size(), 4u);
    const signing::FreshVerifier verifier(scratch / "v", keys);
    for (const core::SigningPart& part : parts) {
        const Verdict verdict = verifier.check_detached(
            "bytes", home.signature("bytes", {"--local-user", part.fingerprint + "!"}));
        EXPECT_EQ(verdict.part, part.fingerprint);
        EXPECT_EQ(verdict.detail, part.weakness);
        EXPECT_EQ(verdict.status, part.weakness.empty() ? Status::good : Status::weak);
    }
    EXPECT_EQ(parts[0].weakness + parts[1].weakness, "");
    EXPECT_THAT(parts[2].weakness, HasSubstr("bound by a SHA-1 signature"));
    EXPECT_EQ(parts[3].weakness, "RSA-1024 key");
}

TEST_F(Bindings, ADepotDoesNotSignWithAWeakSubkeyThatGpgTakes) {
    const std::string key = home.key("ed25519", "never", at("20230101"));
    add_subkey(key, at("20240101"));
    const auto refusal = [&] {
        try {
            sign_once(signing::GpgSigner(home.home(), key));
        } catch (const core::Error& error) {
            return std::string(error.what());
        }
        return std::string("it signed");
    };
    EXPECT_EQ(refusal(), "it signed");
    std::vector<std::string> later = at("20250101");
    later.insert(later.end(), by_sha1.begin(), by_sha1.end());
    add_subkey(key, later);
    EXPECT_THAT(refusal(), HasSubstr("subkey bound by a SHA-1 signature"));
    add_subkey(key);  // a newer one
    EXPECT_EQ(refusal(), "it signed");
}

TEST_F(Bindings, ExpiredSubkeysAndSeveralKeysAreToldApart) {
    const std::string key = home.key("ed25519");
    home.run({"--faked-system-time", "20240101T000000", "--ignore-time-conflict", "--passphrase",
              "", "--quick-add-key", key, "ed25519", "sign", "30d"});
    add_subkey(key);
    const std::string weak = home.key("rsa2048", "never", by_sha1);
    const std::string other = home.key("rsa2048");
    const auto keys = signing::read_public_keys(
        home.exported(key) + home.exported(weak) + home.exported(other), scratch / "v");
    ASSERT_EQ(keys.keys.size(), 3u);
    const core::Time now = core::SystemClock().now();
    EXPECT_EQ(keys.keys[0].unusable(now), "");
    EXPECT_THAT(keys.keys[1].unusable(now), HasSubstr("SHA-1"));
    EXPECT_EQ(keys.keys[2].unusable(now), "");
}

TEST_F(Bindings, WhatIsWrittenAnewIsTheSameAgain) {
    const std::string key = home.key("ed25519");
    home.revoke(key);
    const auto once = signing::read_public_keys("note\n" + home.exported(key), scratch / "v");
    EXPECT_EQ(signing::read_public_keys(once.armored, scratch / "v").armored, once.armored);
    EXPECT_TRUE(once.keys.at(0).parts.at(0).revoked);
    const core::PublicKeys read = signing::key_reader(scratch / "v")(once.armored);
    EXPECT_TRUE(read.keys.at(0).revoked);
    EXPECT_FALSE(read.keys.at(0).expires);  // there is no time to write down
    EXPECT_THAT(once.armored, testing::Not(HasSubstr("note")));
}

}  // namespace
}  // namespace signing_test
