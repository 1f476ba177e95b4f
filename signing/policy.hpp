// SPDX-License-Identifier: GPL-3.0-or-later
// Our list of allowed algorithms. GnuPG, librpm and each client have lists of their own, all
// different and some with SHA-1 or MD5 on them; this one is not looser than any client's of today.
#pragma once

#include <string>
#include <string_view>

#include "signing/packets.hpp"

namespace signing {

struct KeyAlgorithm {
    enum class Family { rsa, dsa, ecdsa, eddsa, other };
    Family family = Family::other;
    unsigned bits = 0;
    std::string curve;  // GnuPG's name, for ecdsa and eddsa

    /// "RSA-3072", "DSA-1024", "ed25519".
    std::string name() const;
};

/// Why a key must not vouch for anything ("RSA-1024 key"); empty if it may.
std::string weakness(const KeyAlgorithm& algorithm);

/// Likewise for the digest of a signature that holds a key together ("SHA-1 signature").
std::string weak_digest(const SignaturePacket& signature);

/// Likewise for the digest, version and type of a signature that should be of type `type`.
std::string weakness(const SignaturePacket& signature, int type);

}  // namespace signing
