// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/temporary_home.hpp"

#include <stdlib.h>
#include <string>
#include <string_view>
#include <system_error>

#include "core/error.hpp"
#include "core/files.hpp"

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

}  // namespace

TemporaryHome::TemporaryHome(const std::filesystem::path& scratch) {
    core::make_directories(scratch);
    std::string name = (std::filesystem::absolute(scratch) / "gnupg-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw core::system_error(name);  // 0700
    path_ = name;
    try {
        core::write_file(path_ / "gpg.conf", configuration);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
        throw;
    }
}

TemporaryHome::~TemporaryHome() {
    std::error_code ignored;  // left files are scratch, dropped when the depot is opened
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace signing
