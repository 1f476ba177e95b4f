// SPDX-License-Identifier: GPL-3.0-or-later
// The packets of OpenPGP (RFC 4880 §4, §5.2), read as far as a judge must see them himself: what is
// handed to GnuPG is one plain signature packet, never a message that only contains one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "signing/armor.hpp"

namespace signing {

namespace tag {
inline constexpr int signature = 2;
inline constexpr int secret_key = 5;
inline constexpr int public_key = 6;
inline constexpr int secret_subkey = 7;
inline constexpr int public_subkey = 14;
}  // namespace tag

struct Packet {
    int tag = 0;
    std::string_view body;
    std::string_view whole;  // header and body; both borrowed from what was split
};

/// Throws Malformed unless `bytes` is a sequence of 1 to `limit` whole packets. Partial and
/// indeterminate lengths are refused: only encrypted or literal data have a use for them.
std::vector<Packet> split_packets(std::string_view bytes, std::size_t limit);

struct SignaturePacket {
    int version = 0;
    int type = 0;       // 0x00: over bytes, 0x01: over text
    int algorithm = 0;  // of the key
    int digest = 0;
    core::Time made{};
    bool expires = false;
    std::string issuer;                      // upper-case hexadecimal: a fingerprint, else a key id
    std::vector<std::string_view> embedded;  // bodies of signatures in it, borrowed
};

/// Reads versions 3 and 4, which must be whole and name their maker; of any other only the version.
/// Throws Malformed.
SignaturePacket read_signature(std::string_view body);

/// When a key or subkey, which is of version 4, was made. Throws Malformed.
core::Time made_in_key(std::string_view body);

}  // namespace signing
