// SPDX-License-Identifier: GPL-3.0-or-later
// The real gpg, run by a process made for it: what comes of it, and what comes of its end.
#include "signing/gnupg_process.hpp"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "signing/keys.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using core::SignatureForm;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The processes that this one has made and that have not ended.
std::vector<pid_t> children() {
    std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    std::vector<pid_t> found;
    for (pid_t child; file >> child;) found.push_back(child);
    return found;
}

class GnupgProcess : public testing::Test {
  protected:
    template <class Action>
    static std::string failure(Action&& action) {
        try {
            action();
        } catch (const core::Error& error) {
            return error.what();
        }
        ADD_FAILURE() << "no Error";
        return {};
    }

    Scratch scratch;
    Gnupg home{scratch / "h"};
    const std::string key = home.key("ed25519");
    const signing::GpgSigner signer{home.home(), key};
};

TEST_F(GnupgProcess, SignsAndJudgesAsTheCallerWould) {
    const signing::GnupgProcess process(signer);
    EXPECT_EQ(process.signer().fingerprint(), key);
    EXPECT_EQ(process.signer().public_key(), signer.public_key());
    const std::vector<core::SigningRequest> requests{{"some bytes", SignatureForm::detached},
                                                     {"some text\n", SignatureForm::clear_text}};
    const std::vector<std::string> made = process.signer().sign(requests);
    ASSERT_THAT(made, SizeIs(2));

    const std::vector<std::string> keys{process.signer().public_key()};
    const signing::FreshVerifier here(scratch / "v", keys);
    const auto there = process.verifier_maker(scratch / "w")(keys);
    const std::vector<const core::Verifier*> both{&here, there.get()};
    for (const core::Verifier* verifier : both) {
        const core::Verdict good = verifier->check_detached("some bytes", made[0]);
        EXPECT_TRUE(good.good()) << good.detail;
        EXPECT_EQ(good.fingerprint, key);
        EXPECT_EQ(good.part, key);
        EXPECT_EQ(good.made, here.check_detached("some bytes", made[0]).made);
        EXPECT_EQ(verifier->check_detached("other bytes", made[0]).status,
                  core::Verdict::Status::bad);
        std::string content = "untouched";
        std::string forged = made[1];
        forged.replace(forged.find("some text"), 9, "more text");
        EXPECT_FALSE(verifier->check_clear_text(forged, content).good());
        EXPECT_EQ(content, "untouched");
        EXPECT_TRUE(verifier->check_clear_text(made[1], content).good());
        EXPECT_EQ(content, "some text\n");
    }
}

TEST_F(GnupgProcess, AnswersEachThreadWhatItAsked) {
    const signing::GnupgProcess process(signer);
    const std::vector<std::string> keys{process.signer().public_key()};
    const auto verifier = process.verifier_maker(scratch / "v")(keys);
    core::parallel_for(24, [&](std::size_t i) {
        const std::string bytes(i * 10'000, static_cast<char>('a' + i));
        const core::SigningRequest request{bytes, SignatureForm::detached};
        const std::string signature = process.signer().sign({&request, 1}).at(0);
        EXPECT_TRUE(verifier->check_detached(bytes, signature).good()) << i;
        EXPECT_FALSE(verifier->check_detached(bytes + "x", signature).good()) << i;
    });
}

TEST_F(GnupgProcess, TellsWhatGnupgSaid) {
    const signing::GpgSigner lost(home.home(), std::string(40, 'A'));
    const signing::GnupgProcess process(lost);
    EXPECT_EQ(failure([&] { process.signer().fingerprint(); }),
              failure([&] { lost.fingerprint(); }));
    const std::vector<std::string> no_key{"nothing"};
    EXPECT_EQ(failure([&] { process.verifier_maker(scratch / "v")(no_key); }),
              failure([&] { signing::verifier_maker(scratch / "v")(no_key); }));
    EXPECT_THAT(failure([&] { process.signer().public_key(); }), HasSubstr("it is not in"))
        << "and it goes on";
}

TEST_F(GnupgProcess, LeavesNoKeyringAndNoProcess) {
    {
        const signing::GnupgProcess process(signer);
        const std::vector<std::string> keys{process.signer().public_key()};
        const auto verifier = process.verifier_maker(scratch / "v")(keys);
        EXPECT_FALSE(std::filesystem::is_empty(scratch / "v"));
        EXPECT_THAT(children(), SizeIs(1));
    }
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "v"));
    EXPECT_THAT(children(), IsEmpty());
}

TEST_F(GnupgProcess, ItsEndIsAnErrorAtOnce) {
    const signing::GnupgProcess process(signer);
    const std::vector<std::string> keys{process.signer().public_key()};
    const auto verifier = process.verifier_maker(scratch / "v")(keys);
    ASSERT_THAT(children(), SizeIs(1));
    ::kill(children().front(), SIGKILL);
    for (int i = 0; i < 6; ++i) {  // more often than there are ways to it
        EXPECT_THAT(failure([&] { process.signer().fingerprint(); }), HasSubstr("has ended"));
        EXPECT_THAT(failure([&] { verifier->check_detached("bytes", "signature"); }),
                    HasSubstr("has ended"));
    }
}

TEST_F(GnupgProcess, AnswersNoProcessThatIsForkedLater) {
    const signing::GnupgProcess process(signer);
    const pid_t worker = ::fork();
    if (worker == 0) {
        bool refused = false;
        try {
            process.signer().fingerprint();
        } catch (const core::Error&) {
            refused = true;
        }
        ::_exit(refused ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(worker, &status, 0), worker);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(process.signer().fingerprint(), key);
}

TEST_F(GnupgProcess, EndsWithACallerThatIsKilled) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t caller = ::fork();
    if (caller == 0) {
        ::close(ends[0]);
        const signing::GnupgProcess process(signer);
        ::kill(::getpid(), SIGKILL);
    }
    ::close(ends[1]);
    ASSERT_EQ(::waitpid(caller, nullptr, 0), caller);
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "nobody holds the pipe";  // waits until it is so
    ::close(ends[0]);
}

}  // namespace
}  // namespace signing_test
