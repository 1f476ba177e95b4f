// SPDX-License-Identifier: GPL-3.0-or-later
// OpenPGP keys: what is in a key file, and a new one for a depot.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "core/store/provider_keys.hpp"
#include "signing/policy.hpp"

namespace signing {

/// How long one run of gpg may take.
inline constexpr std::chrono::seconds usual_patience{30};

/// The primary key or a subkey.
struct KeyPart {
    std::string fingerprint;  // upper-case hexadecimal
    KeyAlgorithm algorithm;
    core::Time made{};
    std::optional<core::Time> expires;
    bool revoked = false;
    bool signs = false;
    std::string weak_binding;  // why clients may not believe whose it is, and the remedy; or empty

    bool expired(core::Time now) const { return expires && *expires <= now; }
};

/// Why the part must not vouch for anything: its algorithm, or its binding; empty if it may.
std::string weakness(const KeyPart& part);

struct KeyDescription {
    std::vector<KeyPart> parts;  // the primary key first; never empty
    bool disabled = false;       // by the owner of the home

    const std::string& fingerprint() const { return parts.front().fingerprint; }

    /// Why nothing can be signed with the key now ("expired on …", "revoked", "RSA-1024 key"), for
    /// people; empty if it can be.
    std::string unusable(core::Time now) const;

    /// When the key ceases to sign; nothing: never. For a key that is usable.
    std::optional<core::Time> usable_until() const;
};

struct PublicKeys {
    std::string armored;  // written anew by GnuPG: nothing but the keys and what makes them so
    std::vector<KeyDescription> keys;
};

class KeyCache;

/// The public keys in a key file: ASCII-armored blocks, also several, with comments between them;
/// or binary. Reads them in a temporary GnuPG home below `scratch`. Throws Error if there is no
/// key, a damaged or a secret one, or more than 1 MiB. They are added to `cache`, if there is one.
PublicKeys read_public_keys(const std::string& text, const std::filesystem::path& scratch,
                            std::chrono::milliseconds patience = usual_patience,
                            KeyCache* cache = nullptr);

/// Reads key files so for core, each in a core::Scratch below `work`: another process that opens
/// the depot meanwhile leaves it alone.
core::KeyReader key_reader(std::filesystem::path work, std::shared_ptr<KeyCache> cache = {});

/// Ed25519 keys are the quickest to sign with; yum clients of EL8 and older know only RSA.
enum class NewKeyAlgorithm { rsa3072, ed25519 };

/// Makes a key without passphrase that can certify and sign; returns its fingerprint. Creates the
/// home (0700) if it is not there. `user_id` is "Name <mail>"; `valid` zero: never expires.
std::string generate_key(const std::filesystem::path& home, const std::string& user_id,
                         NewKeyAlgorithm algorithm = NewKeyAlgorithm::rsa3072,
                         std::chrono::seconds valid = std::chrono::seconds(0));

}  // namespace signing
