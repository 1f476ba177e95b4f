// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of package signers that a depot trusts, provider-keys/*.asc. What lies there was put
// there by hand: it is opened without following links, read within bounds and parsed, and all that
// is used or handed out of it is the public key written anew.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "core/store/depot.hpp"

namespace core {

/// A part of an OpenPGP key that can sign, or could: the primary key or a subkey.
struct SigningPart {
    std::string fingerprint;
    std::optional<Time> expires{};
    bool revoked = false;
    std::string weakness{};  // why nothing it signs is accepted, and the remedy; empty: strong

    bool operator==(const SigningPart&) const = default;
};

/// What rules need to know of an OpenPGP key.
struct KeyFacts {
    std::string fingerprint;      // of the primary key
    std::optional<Time> expires;  // the primary key, and with it all parts
    bool revoked = false;
    std::string weakness;  // of the primary key, and with it of all parts
    std::vector<SigningPart> parts{};

    bool operator==(const KeyFacts&) const = default;
};

struct PublicKeys {
    std::string text;  // ASCII-armored, and nothing else
    std::vector<KeyFacts> keys;

    bool operator==(const PublicKeys&) const = default;
};

/// Parses a key file and writes its public keys anew. Throws Error if it is none, or a secret one.
/// What was written anew comes out as it is.
using KeyReader = std::function<PublicKeys(const std::string& text)>;

/// By file name.
using ProviderKeys = std::map<std::string, PublicKeys>;

/// Throws Error that names the file if one is not what it must be: a link, a pipe, too large, no
/// public key, or of a name that cannot stand in a URL.
ProviderKeys read_provider_keys(const std::filesystem::path& directory, const KeyReader& read);

/// The same, but only what has changed is parsed: the rest comes from the depot's cache.
ProviderKeys provider_keys(const Depot& depot, const KeyReader& read);

/// What all files that have the key of this fingerprint say of it together, as gpg would merge
/// them; nothing if none has it.
std::optional<KeyFacts> find_key(const ProviderKeys& keys, std::string_view fingerprint);

}  // namespace core
