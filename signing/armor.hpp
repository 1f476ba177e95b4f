// SPDX-License-Identifier: GPL-3.0-or-later
// OpenPGP's ASCII armor (RFC 4880 §6), read strictly. GnuPG guesses where armor is damaged or
// surrounded by other text; what reaches it from here is always binary.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace signing {

/// Bytes that are not what they must be. Stays inside this folder: callers turn it into a Verdict
/// or an Error.
class Malformed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class Surroundings {
    blank,  // nothing but white space before, between and after the blocks
    text,   // key files carry comments between their blocks
};

/// The content of all blocks of one kind ("PGP SIGNATURE"), joined. Throws Malformed on a block of
/// another kind, on damage, and if there is no block.
std::string decode_armor(std::string_view text, std::string_view label, Surroundings surroundings);

/// True for the first byte of an OpenPGP packet, which no armor begins with.
bool is_binary(std::string_view bytes);

/// Takes a line off the front of `text`; without its line ending and other trailing white space.
std::string_view take_line(std::string_view& text);

}  // namespace signing
