// SPDX-License-Identifier: GPL-3.0-or-later
// Public keys as GnuPG reads them from files. Private to this folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>

#include "signing/keys.hpp"

namespace signing {

/// Reads key files, as read_public_keys takes them, in a GnuPG home that is made below `scratch`
/// for it; throws Error as it does. Of no files there are no keys, and no armor.
PublicKeys import_keys(const std::filesystem::path& scratch, std::span<const std::string> files,
                       std::chrono::milliseconds patience);

}  // namespace signing
