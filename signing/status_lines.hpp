// SPDX-License-Identifier: GPL-3.0-or-later
// The status lines of gpg and gpgv (doc/DETAILS of GnuPG). Only they tell what happened: gpgv ends
// with success for the signature of an expired key. Private to this folder.
#pragma once

#include <string>
#include <string_view>

namespace signing {

/// What was said of one signature.
struct Finding {
    enum class Kind {
        none,  // no signature was found
        good,
        bad,
        expired,
        key_expired,
        key_revoked,
        unchecked,      // for the reason `code`
        contradictory,  // more than one thing, or something good without who made it
    };

    Kind kind = Kind::none;
    std::string fingerprint{};  // of the key that made it, or its id; empty where not known
    unsigned code = 0;          // of libgpg-error
    unsigned failure = 0;       // likewise: why the program gave up
};

/// Throws Error on lines that are no status lines. Keywords that it does not know are left out, as
/// DETAILS demands.
Finding read_verification(std::string_view lines);

/// Why one signature was not made, as a code of libgpg-error; 0 if it was. Throws as above.
unsigned read_signing(std::string_view lines);

}  // namespace signing
