// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures by the real gpg-agent, and what the operator is told when there is none.
#include "signing/signer.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using core::SignatureForm;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Milliseconds = std::chrono::milliseconds;

class Signer : public testing::Test {
  protected:
    /// The text of the Error; also checks that it came soon (in 50 ms on an idle machine).
    std::string failure(const signing::GpgSigner& signer, Milliseconds soon = Milliseconds(1500)) {
        const auto start = std::chrono::steady_clock::now();
        try {
            sign_once(signer);
        } catch (const core::Error& error) {
            EXPECT_LT(std::chrono::steady_clock::now() - start, soon);
            return error.what();
        }
        ADD_FAILURE() << "no Error";
        return {};
    }

    std::string failure(const std::string& key) {
        return failure(signing::GpgSigner(home.home(), key));
    }

    /// The process of the home's agent.
    pid_t agent() const {
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            const std::string line = command_line(entry.path());
            if (line.starts_with("gpg-agent") && line.find(home.home()) != std::string::npos) {
                return std::stoi(entry.path().filename());
            }
        }
        return 0;
    }

    Scratch scratch;
    Gnupg home{scratch / "h"};
};

TEST_F(Signer, MakesWhatAFreshVerifierAccepts) {
    for (const auto algorithm :
         {signing::NewKeyAlgorithm::rsa3072, signing::NewKeyAlgorithm::ed25519}) {
        const std::string key =
            signing::generate_key(home.home(), "Depot <depot@example.org>", algorithm);
        const signing::GpgSigner signer(home.home(), key);
        sign_once(signer);
        EXPECT_EQ(signer.fingerprint(), key);
        const std::vector<core::SigningRequest> requests{
            {"some bytes", SignatureForm::detached}, {"some text\n", SignatureForm::clear_text}};
        const std::vector<std::string> made = signer.sign(requests);
        ASSERT_EQ(made.size(), 2u);
        const std::vector<std::string> keys{signer.public_key()};
        const signing::FreshVerifier verifier(scratch / "v", keys);
        EXPECT_EQ(verifier.check_detached("some bytes", made[0]).fingerprint, key);
        std::string content;
        EXPECT_TRUE(verifier.check_clear_text(made[1], content).good());
        EXPECT_EQ(content, "some text\n");
    }
}

TEST_F(Signer, AnswersFiftyRequestsInTheirOrder) {
    const std::string key = home.key("ed25519");
    const signing::GpgSigner signer(home.home(), key);
    std::vector<std::string> texts;
    for (int i = 0; i < 50; ++i) texts.push_back("request " + std::to_string(i) + "\n");
    std::vector<core::SigningRequest> requests;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        requests.push_back(
            {texts[i], i % 2 == 0 ? SignatureForm::detached : SignatureForm::clear_text});
    }
    const std::vector<std::string> made = signer.sign(requests);
    const std::vector<std::string> keys{signer.public_key()};
    const signing::FreshVerifier verifier(scratch / "v", keys);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        std::string content = texts[i];
        EXPECT_TRUE(i % 2 == 0 ? verifier.check_detached(texts[i], made[i]).good()
                               : verifier.check_clear_text(made[i], content).good());
        EXPECT_EQ(content, texts[i]);
    }
    EXPECT_TRUE(signer.sign({}).empty());
}

TEST_F(Signer, AcceptsAKeyIdInAnySpelling) {
    const std::string key = home.key("ed25519");
    EXPECT_EQ(signing::GpgSigner(home.home(), "0x" + key.substr(24)).fingerprint(), key);
    std::string spaced = key;
    for (std::size_t at = 36; at > 0; at -= 4) spaced.insert(at, " ");
    EXPECT_EQ(signing::GpgSigner(home.home(), spaced).fingerprint(), key);
    for (const std::string& wrong :
         {std::string(), key.substr(32), std::string("depot@example.org"), key + "00",
          std::string("--output")}) {
        EXPECT_THROW(signing::GpgSigner(home.home(), wrong), core::Error) << wrong;
    }
}

TEST_F(Signer, KeepsThePrimaryKeyOutOfIt) {
    const std::string key = home.key("ed25519");
    home.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
    const Gnupg online(scratch / "o");
    online.run({"--import"}, home.run({"--export-secret-subkeys", key}));
    const signing::GpgSigner signer(online.home(), key);
    sign_once(signer);
    EXPECT_EQ(signer.fingerprint(), key);
}

TEST_F(Signer, TellsThatTheKeyOrHomeIsMissing) {
    const std::string id(40, 'A');
    EXPECT_THAT(failure(id), AllOf(HasSubstr(id), HasSubstr("not in " + home.home().string())));
    EXPECT_THAT(failure(signing::GpgSigner(scratch / "none", id)), HasSubstr("no GnuPG home"));
}

TEST_F(Signer, TellsThatTheKeyIsExpired) {
    const std::string key = home.key("ed25519", "30d", {"--faked-system-time", "20240101T000000"});
    EXPECT_THAT(failure(key), AllOf(HasSubstr(key), HasSubstr("expired on 2024-01-31")));
}

TEST_F(Signer, TellsThatTheKeyIsRevoked) {
    const std::string key = home.key("ed25519");
    home.revoke(key);
    EXPECT_THAT(failure(key), HasSubstr("revoked"));
}

TEST_F(Signer, TellsThatTheKeyIsDisabled) {
    const std::string key = home.key("ed25519");
    home.run({"--command-fd", "0", "--edit-key", key}, "disable\nsave\n");
    EXPECT_THAT(failure(key), HasSubstr("disabled"));
}

TEST_F(Signer, TellsThatTheKeyIsWeak) {
    EXPECT_THAT(failure(home.key("rsa1024")), HasSubstr("RSA-1024 key"));
}

TEST_F(Signer, TellsThatTheSecretKeyIsMissing) {
    const std::string key = home.key("ed25519");
    const Gnupg other(scratch / "o");
    other.run({"--import"}, home.exported(key));
    EXPECT_THAT(failure(signing::GpgSigner(other.home(), key)),
                AllOf(HasSubstr(key), HasSubstr("secret key is not in")));
}

TEST_F(Signer, TellsSoonThatTheKeyIsLocked) {
    core::write_file(home.home() / "secret", "open sesame");
    home.run({"--pinentry-mode", "loopback", "--passphrase-file", home.home() / "secret",
              "--quick-generate-key", "Locked <locked@example.org>", "ed25519", "sign", "never"});
    const std::string list = home.run({"--with-colons", "--list-keys"});
    const std::string key = list.substr(list.find("\nfpr:::::::::") + 13, 40);
    home.end_agent();
    EXPECT_THAT(failure(key), AllOf(HasSubstr(key), HasSubstr("locked"), HasSubstr("unlock")));
    // Typed once by hand, it signs.
    home.run({"--pinentry-mode", "loopback", "--passphrase-file", home.home() / "secret",
              "--detach-sign"});
    sign_once(signing::GpgSigner(home.home(), key));
}

TEST_F(Signer, GoesOnWithANewAgent) {
    const std::string key = home.key("ed25519");
    const signing::GpgSigner signer(home.home(), key);
    sign_once(signer);
    ASSERT_EQ(kill(agent(), SIGKILL), 0);
    sign_once(signer);
}

class SignerWithoutAgent : public Signer {
  protected:
    /// From now on the agent does not come up so many times, as when several start at once.
    void agent_fails(int times) {
        home.end_agent();
        const std::filesystem::path program = home.home() / "agent";
        const std::string count = (home.home() / "count").string();
        core::write_file(program, "#!/bin/sh\nn=$(cat " + count + " 2>/dev/null || echo 0)\n" +
                                      "echo $((n + 1)) >" + count + "\n[ $n -lt " +
                                      std::to_string(times) +
                                      " ] && exit 1\nexec gpg-agent \"$@\"\n");
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        core::write_file(home.home() / "gpg.conf", "agent-program " + program.string() + "\n");
    }

    const std::string key = home.key("ed25519");
};

TEST_F(SignerWithoutAgent, TriesAgain) {
    agent_fails(2);
    sign_once(signing::GpgSigner(home.home(), key));
}

TEST_F(SignerWithoutAgent, DoesNotSayThatTheKeyIsMissing) {
    agent_fails(1000);
    EXPECT_THAT(failure(key), AllOf(HasSubstr(key), HasSubstr("gpg-agent"),
                                    Not(HasSubstr("secret key is not in"))));
}

TEST_F(Signer, TellsThatTheHomeMayNotBeRead) {
    const std::string key = home.key("ed25519");
    const bool root = ::geteuid() == 0;  // whom modes do not stop
    std::filesystem::permissions(scratch.path(), std::filesystem::perms{0755});
    ASSERT_EQ(::seteuid(root ? 65534 : ::geteuid()), 0);
    if (!root) std::filesystem::permissions(home.home(), std::filesystem::perms::none);
    const std::string told = failure(key);
    ASSERT_EQ(::seteuid(::getuid()), 0);
    std::filesystem::permissions(home.home(), std::filesystem::perms::owner_all);
    EXPECT_THAT(told, AllOf(HasSubstr(home.home().string()), HasSubstr("Permission denied")));
}

TEST_F(Signer, DoesNotWaitForEverForAnAgent) {
    const std::string key = home.key("ed25519");
    const signing::GpgSigner signer(home.home(), key, Milliseconds(1500));
    sign_once(signer);
    const pid_t stopped = agent();
    // An agent that has closed a connection tells itself to go on (SIGCONT), a moment later.
    std::this_thread::sleep_for(Milliseconds(300));
    ASSERT_EQ(kill(stopped, SIGSTOP), 0);
    EXPECT_THAT(failure(signer, Milliseconds(6000)), HasSubstr("gpg-agent"));
    ASSERT_EQ(kill(stopped, SIGCONT), 0);
    sign_once(signer);
}

TEST_F(Signer, DoesNotTrustTheConfigurationOfTheHome) {
    const std::string key = home.key("rsa2048");
    const std::string second = home.key("ed25519");
    core::write_file(home.home() / "gpg.conf", "digest-algo SHA1\n");
    EXPECT_THAT(failure(key), HasSubstr("SHA-1 digest"));
    core::write_file(home.home() / "gpg.conf", "default-sig-expire 1d\n");
    EXPECT_THAT(failure(key), HasSubstr("expires"));
    core::write_file(home.home() / "gpg.conf", "local-user " + second + "\n");
    EXPECT_THAT(failure(key), HasSubstr(key));
}

TEST_F(Signer, SeesThatTheKeyWasProlonged) {
    const std::string key = home.key("ed25519", "30d", {"--faked-system-time", "20240101T000000"});
    const signing::GpgSigner signer(home.home(), key);
    EXPECT_THAT(failure(signer), HasSubstr("expired"));
    home.run({"--quick-set-expire", key, "10y"});
    sign_once(signer);
    EXPECT_GT(signer.key().usable_until(), core::SystemClock().now());
}

TEST_F(Signer, ReadsTheKeyAgainThatGotASubkey) {
    const std::string key = home.key("ed25519");
    const signing::GpgSigner signer(home.home(), key);
    sign_once(signer);
    home.run({"--passphrase", "", "--quick-add-key", key, "ed25519", "sign", "never"});
    EXPECT_THAT(failure(signer), HasSubstr("signed with another key"));
    sign_once(signer);
    EXPECT_EQ(signer.key().parts.size(), 2u);
}

TEST_F(Signer, RefusesToClearSignWhatGpgWouldCut) {
    const signing::GpgSigner signer(home.home(), home.key("ed25519"));
    const std::string line(30'000, 'x');
    const std::vector<core::SigningRequest> requests{{line, SignatureForm::clear_text}};
    EXPECT_THROW(signer.sign(requests), core::Error);
}

TEST_F(Signer, PutsNoSecretOnACommandLine) {
    const std::string key = signing::generate_key(home.home(), "Depot <depot@example.org>");
    const signing::GpgSigner signer(home.home(), key);
    sign_once(signer);
    std::ifstream file("/proc/" + std::to_string(agent()) + "/cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(line.find("pass"), std::string::npos) << line;
}

}  // namespace
}  // namespace signing_test
