// SPDX-License-Identifier: GPL-3.0-or-later
// Who vouches: signatures over bytes, in OpenPGP (RFC 4880). Implemented by signing/.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"

namespace core {

enum class SignatureForm { detached, clear_text };

struct SigningRequest {
    std::string_view bytes;  // borrowed for the call
    SignatureForm form = SignatureForm::detached;
};

class Signer {
  public:
    virtual ~Signer() = default;

    /// One result per request, in order: an ASCII-armored detached signature, or the clear-signed
    /// text. All or nothing: throws Error if any signature was not made. Never asks a person.
    virtual std::vector<std::string> sign(std::span<const SigningRequest> requests) const = 0;

    /// The public key, ASCII-armored, with its subkeys.
    virtual std::string public_key() const = 0;

    /// Upper-case hexadecimal fingerprint of the primary key.
    virtual std::string fingerprint() const = 0;
};

struct Verdict {
    enum class Status { good, bad, unknown_key, key_expired, key_revoked, weak, malformed };

    Status status = Status::malformed;
    std::string fingerprint;  // of the primary key where known, else of the signing key or its id
    std::string detail;       // for people: "RSA-1024 key", "SHA-1 digest", …
    Time made{};
    std::string part{};  // fingerprint of the key or subkey that made it, where known

    bool good() const { return status == Status::good; }
};

/// Judges signatures against a fixed set of keys, nothing else: no user keyring, no network, and
/// our own list of allowed algorithms and key sizes. Safe to use from several threads.
class Verifier {
  public:
    virtual ~Verifier() = default;

    /// `signature` is binary or ASCII-armored. Several signatures: the first good one counts.
    /// Hostile bytes give a Verdict; only a failure of ours throws Error.
    virtual Verdict check_detached(std::string_view bytes, std::string_view signature) const = 0;

    /// For a signature that stands alone, as packages carry it: exactly one binary packet. Anything
    /// else, also two good ones, is malformed.
    virtual Verdict check_packet(std::string_view bytes, std::string_view packet) const = 0;

    /// For a clear-signed text; on a good verdict `content` receives what was signed.
    virtual Verdict check_clear_text(std::string_view text, std::string& content) const = 0;
};

/// Makes a verifier that trusts exactly the given ASCII-armored keys, in a fresh keyring.
using VerifierMaker = std::function<std::unique_ptr<Verifier>(std::span<const std::string> keys)>;

}  // namespace core
