// SPDX-License-Identifier: GPL-3.0-or-later
// Key files on their way to GnuPG. Private to this folder.
#pragma once

#include <string>
#include <string_view>

namespace signing {

/// The binary packets of a key file (see describe_keys). Throws Error as describe_keys does.
std::string binary_keys(std::string_view text);

}  // namespace signing
