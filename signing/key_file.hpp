// SPDX-License-Identifier: GPL-3.0-or-later
// Key files on their way to GnuPG. Private to this folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signing {

struct KeyFile {
    std::string packets;    // binary
    std::size_t count = 0;  // of keys; GnuPG must have looked at as many, or it gave up half-way
};

/// Throws Error as describe_keys does.
KeyFile read_key_file(std::string_view text);

}  // namespace signing
