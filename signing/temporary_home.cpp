// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/temporary_home.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "signing/process.hpp"

namespace signing {
namespace {

/// Nobody asks this home for trust: its keys are trusted because the caller named them. But with
/// "always" gpg has no trust database, and ends half-way when it is shown a revoked key.
/// `lock-never`: nobody writes to the keyring while it is read, so verifications need not queue.
constexpr std::string_view configuration =
    "no-autostart\n"
    "disable-dirmngr\n"
    "no-auto-key-retrieve\n"
    "trust-model direct\n"
    "no-auto-check-trustdb\n"
    "no-random-seed-file\n"
    "lock-never\n";

/// Where /run/user/UID exists gpg makes a directory below it for the sockets of each home, though
/// this one has none, and only gpgconf knows its name. What cannot be removed is empty, and goes
/// when the user logs out.
void remove_directory_of_sockets(const std::string& home, std::chrono::milliseconds patience) {
    std::error_code ignored;
    if (!std::filesystem::exists(fmt::format("/run/user/{}/gnupg", ::geteuid()), ignored)) return;
    try {
        run({{find_program("gpgconf"), "--homedir", home, "--remove-socketdir"}, patience});
    } catch (const core::Error&) {
        // Then an empty directory stays.
    }
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& scratch) {
    core::make_directories(scratch);
    std::string name = (std::filesystem::absolute(scratch) / "gnupg-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw core::system_error(name);  // 0700
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;  // left files are scratch, dropped when the depot is opened
    std::filesystem::remove_all(path_, ignored);
}

TemporaryHome::TemporaryHome(const std::filesystem::path& scratch,
                             std::chrono::milliseconds patience)
    : directory_(scratch), patience_(patience) {
    core::write_file(path() / "gpg.conf", configuration);
}

TemporaryHome::~TemporaryHome() {
    remove_directory_of_sockets(path(), patience_);
}

}  // namespace signing
