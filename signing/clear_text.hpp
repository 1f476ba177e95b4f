// SPDX-License-Identifier: GPL-3.0-or-later
// The cleartext signature framework (RFC 4880 §7), taken apart by us. What is returned as content
// is then, by construction, what the signature is checked over: GnuPG would also accept text in
// front of, behind and between, and show other bytes than it hashed.
#pragma once

#include <string>
#include <string_view>

#include "signing/armor.hpp"

namespace signing {

struct ClearText {
    std::string canonical;  // the bytes a text signature covers
    std::string content;    // the same for people and parsers: lines that end in "\n"
    std::string signature;  // binary packets
};

/// Throws Malformed unless `text` is exactly one clear-signed message.
ClearText parse_clear_text(std::string_view text);

/// The bytes that a text signature over `text` covers: lines without trailing white space, joined
/// by CR LF, no line ending at the end. Throws Malformed on a line that GnuPG would cut.
std::string canonical_text(std::string_view text);

}  // namespace signing
