// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/policy.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace signing {
namespace {

constexpr unsigned smallest_modulus = 2048;

/// Of one that is refused (RFC 4880 §9.4).
std::string digest_name(int digest) {
    switch (digest) {
        case 1:
            return "MD5";
        case 2:
            return "SHA-1";
        case 3:
            return "RIPEMD-160";
        case 11:
            return "SHA-224";
        default:
            return fmt::format("unknown ({})", digest);
    }
}

bool allowed_digest(int digest) {
    return digest >= 8 && digest <= 10;
}

bool allowed_curve(std::string_view curve) {
    constexpr std::array<std::string_view, 7> curves{
        "ed25519",         "nistp256",        "nistp384",        "nistp521",
        "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
    };
    return std::find(curves.begin(), curves.end(), curve) != curves.end();
}

}  // namespace

std::string KeyAlgorithm::name() const {
    switch (family) {
        case Family::rsa:
            return fmt::format("RSA-{}", bits);
        case Family::dsa:
            return fmt::format("DSA-{}", bits);
        case Family::ecdsa:
        case Family::eddsa:
            return curve.empty() ? "unknown curve" : curve;
        case Family::other:
            break;
    }
    return "unknown algorithm";
}

std::string weakness(const KeyAlgorithm& algorithm) {
    using Family = KeyAlgorithm::Family;
    bool allowed = false;
    switch (algorithm.family) {
        case Family::rsa:
        case Family::dsa:
            allowed = algorithm.bits >= smallest_modulus;
            break;
        case Family::ecdsa:
        case Family::eddsa:
            allowed = allowed_curve(algorithm.curve);
            break;
        case Family::other:
            break;
    }
    return allowed ? std::string() : algorithm.name() + " key";
}

std::string weak_digest(const SignaturePacket& signature) {
    return allowed_digest(signature.digest) ? std::string()
                                            : digest_name(signature.digest) + " signature";
}

std::string weakness(const SignaturePacket& signature, int type) {
    if (signature.version != 4) return fmt::format("version {} signature", signature.version);
    if (!allowed_digest(signature.digest)) return digest_name(signature.digest) + " digest";
    if (signature.type == 1 && type == 0) {
        return "signature over text, which leaves line ends and trailing space open";
    }
    if (signature.type != type) return fmt::format("signature of type {:#04x}", signature.type);
    return {};
}

}  // namespace signing
