// SPDX-License-Identifier: GPL-3.0-or-later
// A gpg that hangs, whatever it was asked for, is given up in time.
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iostream>
#include <stdlib.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "signing/key_cache.hpp"
#include "signing/signer.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds short_patience{500};
constexpr milliseconds patience_of_verifier{2000};  // which has to be made first
constexpr std::chrono::seconds in_time{6};          // what hangs does so for longer

/// How long what hangs does so: nobody else sleeps for so many seconds.
const std::string hangs_for = "20.0" + std::to_string(::getpid());

/// Puts a gpg and a gpgv first in PATH that hang if one of their arguments is $HANG.
void put_gpg_that_hangs(const std::filesystem::path& directory) {
    core::make_directories(directory);
    for (const std::string program : {"gpg", "gpgv"}) {
        std::string real = shell("command -v " + program);
        real.pop_back();
        core::write_file(directory / program,
                         "#!/bin/sh\n"
                         "for word; do [ \"$word\" = \"$HANG\" ] && exec sleep " +
                             hangs_for + "; done\nexec " + real + " \"$@\"\n");
        std::filesystem::permissions(directory / program, std::filesystem::perms::owner_all);
    }
    ::setenv("PATH", (directory.string() + ":" + ::getenv("PATH")).c_str(), 1);
}

/// How many of those that hung still run.
int left_hanging() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        if (command_line(entry.path()).find(hangs_for) != std::string::npos) ++count;
    }
    return count;
}

/// Ends the process if the action is not given up in time.
void expect_given_up(const char* at, const std::function<void()>& action) {
    ::setenv("HANG", at, 1);
    const auto begin = Clock::now();
    std::string told = "no error";
    try {
        action();
    } catch (const core::Error& error) {
        told = error.what();
    }
    const bool late = Clock::now() - begin > in_time;
    if (!late && told.find("gpg was given up") != std::string::npos) return;
    std::cerr << at << (late ? ", too late: " : ": ") << told << "\n";
    ::_exit(1);
}

/// What gpg wrote itself need not be imported by it again.
void expect_no_import(const std::vector<std::string>& keys, const std::filesystem::path& scratch,
                      const std::string& signature, const signing::KeyCache& cache) {
    ::setenv("HANG", "--import", 1);
    const signing::FreshVerifier verifier(scratch / "v", keys, patience_of_verifier, &cache);
    ::setenv("HANG", "nothing", 1);
    if (verifier.check_detached("bytes", signature).good()) return;
    std::cerr << "the verifier is made, and does not know its key\n";
    ::_exit(1);
}

[[noreturn]] void give_up_all(const Gnupg& home, const std::filesystem::path& scratch) {
    const std::string key = home.key("ed25519");
    const std::vector<std::string> keys{home.exported(key)};
    const std::string signature = home.signature("bytes");
    put_gpg_that_hangs(scratch / "bin");
    const auto read = [&] {
        signing::read_public_keys(keys.front(), scratch / "v", short_patience);
    };
    expect_given_up("--import", read);
    expect_given_up("--list-keys", read);
    expect_given_up("--export", read);
    expect_given_up("--list-keys", [&] {
        static_cast<void>(signing::GpgSigner(home.home(), key, short_patience).public_key());
    });
    // Those who ask at the same time do not wait one after the other.
    expect_given_up("--list-keys", [&] {
        const signing::GpgSigner signer(home.home(), key, patience_of_verifier);
        core::parallel_for(8, [&](std::size_t) { static_cast<void>(signer.public_key()); });
    });
    ::setenv("HANG", "nothing", 1);
    const signing::FreshVerifier verifier(scratch / "v", keys, patience_of_verifier);
    const auto cache = std::make_shared<signing::KeyCache>();
    const signing::GpgSigner signer(home.home(), key, patience_of_verifier, cache);
    sign_once(signer);
    const int hung = left_hanging();
    expect_given_up("--keyring",
                    [&] { static_cast<void>(verifier.check_detached("bytes", signature)); });
    expect_given_up("--detach-sign", [&] { sign_once(signer); });
    if (left_hanging() > hung) {
        std::cerr << "one that was given up is not killed\n";
        ::_exit(1);
    }
    expect_no_import({signer.public_key()}, scratch, signature, *cache);
    // It is run before anything else, and GPGME waits for it itself.
    expect_given_up("--version", read);
    expect_given_up("--version", read);
    home.end_agent();
    core::remove_tree(scratch);
    ::_exit(0);
}

TEST(HangingGpg, IsGivenUpInTime) {
    // In a process that has not met GPGME yet.
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Scratch scratch;
    const Gnupg home(scratch / "h");
    EXPECT_EXIT(give_up_all(home, scratch.path()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace signing_test
