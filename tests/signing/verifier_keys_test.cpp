// SPDX-License-Identifier: GPL-3.0-or-later
// What the verifier says of signatures by all kinds of keys: class F2 of the threats.
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "signing/key_cache.hpp"
#include "signing/keys.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using core::Verdict;
using Status = core::Verdict::Status;
using Options = std::vector<std::string>;

const std::string bytes = "the covered bytes";

/// GnuPG's option for "run as if it were then".
Options on(const std::string& date) {
    // Frozen ("!"): otherwise a slow machine signs one second later.
    return {"--faked-system-time", date + "T000000!"};
}

class VerifierKeys : public testing::Test {
  protected:
    /// By the keys as they are, and as gpg has written them anew, which need not be imported.
    Verdict judged(const std::vector<std::string>& keys, const std::string& signature) const {
        signing::KeyCache cache;
        const auto by = [&](const std::vector<std::string>& files) {
            return signing::FreshVerifier(scratch / "v", files, signing::usual_patience, &cache)
                .check_detached(bytes, signature);
        };
        std::vector<std::string> written;
        for (const std::string& file : keys) {
            written.push_back(
                signing::read_public_keys(file, scratch / "v", signing::usual_patience, &cache)
                    .armored);
        }
        Verdict verdict = by(keys);
        const Verdict again = by(written);
        EXPECT_EQ(again.status, verdict.status) << again.detail;
        EXPECT_EQ(again.detail, verdict.detail);
        EXPECT_EQ(again.fingerprint, verdict.fingerprint);
        EXPECT_EQ(again.part, verdict.part);
        EXPECT_EQ(again.made, verdict.made);
        return verdict;
    }

    /// A fresh key of this kind signs, and the verifier knows it.
    Verdict judged_by(const std::string& algorithm, const Options& options = {}) const {
        const std::string key = provider.key(algorithm);
        return judged({provider.exported(key)}, provider.signature(bytes, options));
    }

    Scratch scratch;
    Gnupg provider{scratch / "p"};
};

TEST_F(VerifierKeys, StrongKeysAreGood) {
    for (const char* algorithm : {"rsa2048", "rsa3072", "ed25519", "nistp256", "dsa2048"}) {
        const Gnupg other(scratch / algorithm);
        const std::string key = other.key(algorithm);
        const Verdict verdict = judged({other.exported(key)}, other.signature(bytes));
        EXPECT_EQ(verdict.status, Status::good) << algorithm << ": " << verdict.detail;
    }
}

TEST_F(VerifierKeys, ShortRsaIsWeak) {
    const Verdict verdict = judged_by("rsa1024");
    EXPECT_EQ(verdict.status, Status::weak);
    EXPECT_EQ(verdict.detail, "RSA-1024 key");
}

TEST_F(VerifierKeys, ShortDsaIsWeak) {
    EXPECT_EQ(judged_by("dsa1024", {"--digest-algo", "SHA256"}).detail, "DSA-1024 key");
}

TEST_F(VerifierKeys, UnlistedCurveIsWeak) {
    EXPECT_EQ(judged_by("secp256k1").detail, "secp256k1 key");
}

TEST_F(VerifierKeys, OldDigestsAreWeak) {
    const std::vector<std::string> keys{provider.exported(provider.key("rsa2048"))};
    const auto digest = [&](const std::string& name) {
        return judged(
            keys, provider.signature(bytes, {"--allow-weak-digest-algos", "--digest-algo", name}));
    };
    EXPECT_EQ(digest("MD5").detail, "MD5 digest");
    EXPECT_EQ(digest("SHA1").detail, "SHA-1 digest");
    EXPECT_EQ(digest("RIPEMD160").detail, "RIPEMD-160 digest");
    EXPECT_EQ(digest("SHA224").detail, "SHA-224 digest");
    EXPECT_EQ(digest("MD5").status, Status::weak);
    EXPECT_EQ(digest("SHA1").status, Status::weak);
    EXPECT_EQ(digest("SHA256").status, Status::good);
    EXPECT_EQ(digest("SHA384").status, Status::good);
}

TEST_F(VerifierKeys, StrangersKeyIsUnknown) {
    const std::string stranger = provider.key("ed25519");
    const std::string signature = provider.signature(bytes);
    const Gnupg other(scratch / "o");
    const Verdict verdict = judged({other.exported(other.key("ed25519"))}, signature);
    EXPECT_EQ(verdict.status, Status::unknown_key);
    EXPECT_EQ(verdict.fingerprint, stranger);
    EXPECT_EQ(judged({}, signature).status, Status::unknown_key);
}

TEST_F(VerifierKeys, ExpiredKeyIsExpiredEvenForWhatItSignedBefore) {
    const std::string key = provider.key("ed25519", "30d", on("20240101"));
    const std::string signature = provider.signature(bytes, on("20240102"));
    const Verdict verdict = judged({provider.exported(key)}, signature);
    EXPECT_EQ(verdict.status, Status::key_expired);
    EXPECT_EQ(verdict.detail, "key expired on 2024-01-31T00:00:00Z");
    EXPECT_EQ(verdict.fingerprint, key);
}

TEST_F(VerifierKeys, RevokedKeyIsRevokedEvenForWhatItSignedBefore) {
    const std::string key = provider.key("ed25519");
    const std::string signature = provider.signature(bytes);
    provider.revoke(key);
    EXPECT_EQ(judged({provider.exported(key)}, signature).status, Status::key_revoked);
}

TEST_F(VerifierKeys, SubkeySignsForItsPrimaryKey) {
    const std::string key = provider.key("ed25519");
    provider.run({"--passphrase", "", "--quick-add-key", key, "rsa3072", "sign", "never"});
    const std::string exported = provider.exported(key);
    const Verdict verdict = judged({exported}, provider.signature(bytes));
    EXPECT_EQ(verdict.status, Status::good) << verdict.detail;
    EXPECT_EQ(verdict.fingerprint, key);
    EXPECT_EQ(
        verdict.part,
        signing::read_public_keys(exported, scratch / "v").keys.at(0).parts.at(1).fingerprint);
}

TEST_F(VerifierKeys, SubkeyIsJudgedWithItsPrimaryKey) {
    const std::string strong = provider.key("rsa2048");
    provider.run({"--passphrase", "", "--quick-add-key", strong, "rsa1024", "sign", "never"});
    EXPECT_EQ(judged({provider.exported(strong)}, provider.signature(bytes)).detail,
              "RSA-1024 key");
    const Gnupg other(scratch / "o");
    const std::string weak = other.key("rsa1024");
    other.run({"--passphrase", "", "--quick-add-key", weak, "rsa2048", "sign", "never"});
    EXPECT_EQ(judged({other.exported(weak)}, other.signature(bytes)).detail, "RSA-1024 key");
}

TEST_F(VerifierKeys, ExpiredSubkeyIsExpired) {
    const std::string key = provider.key("ed25519", "never", on("20240101"));
    Options add = on("20240101");
    add.insert(add.end(), {"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "30d"});
    provider.run(add);
    const Verdict verdict =
        judged({provider.exported(key)}, provider.signature(bytes, on("20240102")));
    EXPECT_EQ(verdict.status, Status::key_expired) << verdict.detail;
    EXPECT_EQ(verdict.fingerprint, key);
}

TEST_F(VerifierKeys, SubkeyWithoutBindingIsUnknown) {
    // The signing subkey of one key, put behind the primary key of another.
    const std::string victim = provider.key("ed25519");
    const Gnupg evil(scratch / "e");
    const std::string key = evil.key("ed25519");
    evil.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
    const std::string signature = evil.signature(bytes);
    const std::string foreign = dearmored(evil.exported(key));
    const std::size_t subkey = foreign.find("\xB8\x33\x04");  // a subkey packet of 51 bytes
    ASSERT_NE(subkey, std::string::npos);
    const std::string joined = dearmored(provider.exported(victim)) + foreign.substr(subkey);
    EXPECT_EQ(judged({joined}, signature).status, Status::unknown_key);
}

TEST_F(VerifierKeys, SignatureFromTheFutureIsBad) {
    const std::string key = provider.key("ed25519");
    const Verdict verdict =
        judged({provider.exported(key)}, provider.signature(bytes, on("20360101")));
    EXPECT_EQ(verdict.status, Status::bad);
    EXPECT_EQ(verdict.detail, "the signature was made in the future, 2036-01-01T00:00:00Z");
}

TEST_F(VerifierKeys, SignatureOlderThanItsKeyIsBad) {
    const std::string key = provider.key("ed25519");
    Options options = on("20240101");
    options.emplace_back("--ignore-time-conflict");
    options.emplace_back("--ignore-valid-from");
    const Verdict verdict = judged({provider.exported(key)}, provider.signature(bytes, options));
    EXPECT_EQ(verdict.status, Status::bad) << verdict.detail;
}

TEST_F(VerifierKeys, ExpiredSignatureIsBad) {
    const std::string key = provider.key("ed25519", "never", on("20240101"));
    Options options = on("20240102");
    options.insert(options.end(), {"--default-sig-expire", "3d"});
    const Verdict verdict = judged({provider.exported(key)}, provider.signature(bytes, options));
    EXPECT_EQ(verdict.status, Status::bad);
    EXPECT_EQ(verdict.detail, "the signature has expired");
}

TEST_F(VerifierKeys, SeveralKeysInOneFileAreAllTrusted) {
    const std::string first = provider.key("ed25519");
    const Gnupg other(scratch / "o");
    const std::string second = other.key("ed25519");
    const std::vector<std::string> keys{"First provider\n" + provider.exported(first) +
                                        "\nSecond provider\n" + other.exported(second)};
    EXPECT_EQ(judged(keys, provider.signature(bytes)).fingerprint, first);
    EXPECT_EQ(judged(keys, other.signature(bytes)).fingerprint, second);
    const std::vector<std::string> files{provider.exported(first), other.exported(second)};
    EXPECT_EQ(judged(files, provider.signature(bytes)).fingerprint, first);
    EXPECT_EQ(judged(files, other.signature(bytes)).fingerprint, second);
}

TEST_F(VerifierKeys, KeyBehindARevokedOneInAFileIsTrusted) {
    const std::string revoked = provider.key("ed25519");
    provider.revoke(revoked);
    const Gnupg other(scratch / "o");
    const std::string good = other.key("ed25519");
    const std::string file = provider.exported(revoked) + other.exported(good);
    EXPECT_EQ(judged({file}, other.signature(bytes)).fingerprint, good);
}

TEST_F(VerifierKeys, SameKeyTwiceIsOneKey) {
    const std::string key = provider.exported(provider.key("ed25519"));
    EXPECT_EQ(judged({key, key + key}, provider.signature(bytes)).status, Status::good);
}

TEST_F(VerifierKeys, KeyThatAnotherFileHasTooIsMerged) {
    const std::string key = provider.key("ed25519", "30d", on("20240101"));
    const std::string signature = provider.signature(bytes, on("20240102"));
    const std::string first = provider.exported(key);
    provider.run({"--quick-set-expire", key, "0"});
    const std::string prolonged = provider.exported(key);
    provider.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
    const std::string grown = provider.exported(key);
    const std::string by_subkey = provider.signature(bytes);
    provider.revoke(key);
    const std::string revoked = provider.exported(key);
    EXPECT_EQ(judged({first}, signature).status, Status::key_expired);
    EXPECT_EQ(judged({first, prolonged}, signature).status, Status::good);
    EXPECT_EQ(judged({prolonged, grown}, by_subkey).status, Status::good);
    EXPECT_EQ(judged({prolonged, revoked}, signature).status, Status::key_revoked);
}

TEST_F(VerifierKeys, KeyFileWithoutAUsableKeyIsAnError) {
    const std::string key = provider.key("ed25519");
    const std::string secret = provider.run({"--armor", "--export-secret-keys", key});
    for (const std::string& file :
         {std::string(), std::string("hello"), std::string("\x99\xFF"), std::string(100, '\xFF'),
          provider.signature(bytes), secret, dearmored(secret), std::string(2 << 20, 'A')}) {
        const std::vector<std::string> keys{file};
        EXPECT_THROW(signing::FreshVerifier(scratch / "v", keys), core::Error);
        EXPECT_TRUE(std::filesystem::is_empty(scratch / "v") ||
                    !std::filesystem::exists(scratch / "v"));
    }
}

TEST_F(VerifierKeys, MakerGivesEachVerifierItsOwnKeys) {
    const std::string first = provider.key("ed25519");
    const core::VerifierMaker make = signing::verifier_maker(scratch / "v");
    const std::vector<std::string> some{provider.exported(first)};
    const auto knows = make(some);
    const auto knows_nobody = make({});
    const std::string signature = provider.signature(bytes);
    EXPECT_EQ(knows->check_detached(bytes, signature).status, Status::good);
    EXPECT_EQ(knows_nobody->check_detached(bytes, signature).status, Status::unknown_key);
}

}  // namespace
}  // namespace signing_test
