// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/provider_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/model/digest.hpp"
#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t largest_key = 1 << 20;
constexpr std::string_view cache_key = "provider-keys";
constexpr int cache_format = 3;

/// The name becomes a part of a URL in client files, where nothing is escaped.
void check_name(const std::string& name) {
    constexpr std::string_view allowed = "._-+@~";
    const bool plain = std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               allowed.find(c) != std::string_view::npos;
    });
    if (!plain || name.size() > 128) {
        throw Error(
            "sites get the key by this name: make it one of letters, digits and . _ - + @ ~");
    }
}

/// Neither follows a link nor waits for who writes into a pipe.
std::string read_own_file(const fs::path& file) {
    File opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (opened.descriptor() < 0) {
        if (errno == ELOOP) throw Error("it is a symbolic link; put the key itself there");
        throw system_error("cannot open it");
    }
    struct stat status {};
    if (::fstat(opened.descriptor(), &status) != 0) throw system_error("cannot examine it");
    if (!S_ISREG(status.st_mode)) throw Error("it is no regular file");
    std::string text(largest_key + 1, '\0');
    std::size_t size = 0;
    while (const std::size_t got = opened.read(text.data() + size, text.size() - size)) size += got;
    if (size > largest_key) throw Error("a key file of more than 1 MiB");
    text.resize(size);
    return text;
}

/// The bytes of all key files, by name. Other files are nobody's.
std::map<std::string, std::string> key_files(const fs::path& directory) {
    std::map<std::string, std::string> files;
    for (const Entry& entry : entries(directory, Absent::is_empty)) {
        const std::string name = entry.name();
        if (!name.ends_with(".asc") || name.starts_with('.')) continue;
        with_context((directory / escaped(name)).string(), [&] {
            check_name(name);
            files[name] = read_own_file(entry.path);
        });
    }
    return files;
}

PublicKeys read_one(const fs::path& file, const std::string& text, const KeyReader& read) {
    return with_context(file.string(), [&] { return read(text); });
}

Json json_of(const std::optional<Time>& expiry) {
    return expiry ? format_time(*expiry) : "";
}

std::optional<Time> expiry_of(const Json& json) {
    const std::string text = json;
    return text.empty() ? std::nullopt : std::optional(parse_time(text));
}

Json json_of(const PublicKeys& keys) {
    Json all = Json::array();
    for (const KeyFacts& key : keys.keys) {
        Json parts = Json::array();
        for (const SigningPart& part : key.parts) {
            parts.push_back({{"fingerprint", part.fingerprint},
                             {"expires", json_of(part.expires)},
                             {"revoked", part.revoked},
                             {"weakness", part.weakness}});
        }
        all.push_back({{"fingerprint", key.fingerprint},
                       {"expires", json_of(key.expires)},
                       {"revoked", key.revoked},
                       {"weakness", key.weakness},
                       {"parts", parts}});
    }
    return {{"text", keys.text}, {"keys", all}};
}

PublicKeys public_keys_of(const Json& json) {
    PublicKeys keys;
    keys.text = json.at("text");
    for (const Json& one : json.at("keys")) {
        KeyFacts key;
        key.fingerprint = one.at("fingerprint");
        key.expires = expiry_of(one.at("expires"));
        key.revoked = one.at("revoked");
        key.weakness = one.at("weakness");
        for (const Json& part : one.at("parts")) {
            key.parts.push_back({part.at("fingerprint"), expiry_of(part.at("expires")),
                                 part.at("revoked"), part.at("weakness")});
        }
        keys.keys.push_back(std::move(key));
    }
    return keys;
}

using ByContent = std::map<std::string, PublicKeys>;  // by the SHA-256 of the file

/// What was parsed before; nothing if it is not there, or not of this program's.
ByContent parsed_before(const Cache& cache) {
    ByContent known;
    const auto kept = cache.get(cache_key);
    if (!kept) return known;
    try {
        const Json json = Json::parse(*kept);
        if (json.at("format") != cache_format) return {};
        for (const auto& [digest, keys] : json.at("files").items()) {
            known[digest] = public_keys_of(keys);
        }
    } catch (const Json::exception&) {
        return {};
    }
    return known;
}

void keep(const Cache& cache, const ByContent& parsed) {
    Json files = Json::object();
    for (const auto& [digest, keys] : parsed) files[digest] = json_of(keys);
    cache.put(cache_key, dump({{"format", cache_format}, {"files", files}}));
}

std::optional<Time> later(const std::optional<Time>& a, const std::optional<Time>& b) {
    return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;  // nothing: never
}

/// Another file's word on the same key.
void merge(KeyFacts& key, const KeyFacts& other) {
    key.revoked = key.revoked || other.revoked;
    key.expires = later(key.expires, other.expires);
    if (other.weakness.empty()) key.weakness.clear();
    for (const SigningPart& part : other.parts) {
        const auto same = std::ranges::find(key.parts, part.fingerprint, &SigningPart::fingerprint);
        if (same == key.parts.end()) {
            key.parts.push_back(part);
        } else {
            same->revoked = same->revoked || part.revoked;
            same->expires = later(same->expires, part.expires);
            if (part.weakness.empty()) same->weakness.clear();
        }
    }
}

}  // namespace

ProviderKeys read_provider_keys(const fs::path& directory, const KeyReader& read) {
    ProviderKeys keys;
    for (const auto& [name, text] : key_files(directory)) {
        keys[name] = read_one(directory / name, text, read);
    }
    return keys;
}

ProviderKeys provider_keys(const Depot& depot, const KeyReader& read) {
    const fs::path directory = depot.layout.provider_keys();
    const auto files = key_files(directory);
    if (files.empty()) return {};
    const ByContent before = parsed_before(depot.cache);
    ByContent now;
    ProviderKeys keys;
    for (const auto& [name, text] : files) {
        const std::string digest = sha256(text).hex();
        const auto known = before.find(digest);
        keys[name] = known == before.end() ? read_one(directory / name, text, read) : known->second;
        now[digest] = keys[name];
    }
    if (now != before) keep(depot.cache, now);
    return keys;
}

std::optional<KeyFacts> find_key(const ProviderKeys& keys, std::string_view fingerprint) {
    std::optional<KeyFacts> found;
    for (const auto& [name, file] : keys) {
        for (const KeyFacts& key : file.keys) {
            if (key.fingerprint != fingerprint) continue;
            if (found) {
                merge(*found, key);
            } else {
                found = key;
            }
        }
    }
    return found;
}

}  // namespace core
