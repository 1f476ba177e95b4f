// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/keys.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "core/system/lock.hpp"
#include "signing/engine.hpp"
#include "signing/key_cache.hpp"
#include "signing/keyring.hpp"

namespace signing {
namespace {

/// RSA takes its time on a slow machine that is short of entropy.
constexpr std::chrono::minutes time_to_make{5};

void check_user_id(const std::string& user_id) {
    if (user_id.empty() || user_id.size() > 256 || !core::valid_utf8(user_id) ||
        core::has_control_characters(user_id, core::Text::line) ||
        core::trimmed(user_id) != user_id) {
        throw core::Error("cannot make a key for \"" + core::escaped(user_id) +
                          "\": write it as \"Name <mail>\", in one line");
    }
}

core::KeyFacts facts_of(const KeyDescription& key) {
    core::KeyFacts facts;
    facts.fingerprint = key.fingerprint();
    facts.revoked = key.parts.front().revoked;
    facts.expires = key.parts.front().expires;
    facts.weakness = weakness(key.parts.front());
    for (const KeyPart& part : key.parts) {
        if (!part.signs) continue;
        facts.parts.push_back({part.fingerprint, part.expires, part.revoked, weakness(part)});
    }
    return facts;
}

void make_home(const std::filesystem::path& home) {
    core::make_directories(home.parent_path());
    if (mkdir(home.c_str(), 0700) == 0) return;
    if (errno == EEXIST && std::filesystem::is_directory(home)) return;
    throw core::system_error("cannot make the GnuPG home " + home.string());
}

}  // namespace

std::string weakness(const KeyPart& part) {
    std::string weak = weakness(part.algorithm);
    return weak.empty() ? part.weak_binding : weak;
}

std::string KeyDescription::unusable(core::Time now) const {
    const KeyPart& primary = parts.front();
    if (primary.revoked) return "revoked";
    if (primary.expired(now)) return "expired on " + core::format_time(*primary.expires);
    if (disabled) return "disabled";
    if (std::string weak = weakness(primary); !weak.empty()) return weak;
    std::string reason = "no key for signing";
    const KeyPart* taken = nullptr;  // by gpg: the newest subkey, else the primary key
    for (const KeyPart& part : parts) {
        if (!part.signs) continue;
        if (part.revoked) {
            reason = "signing subkey revoked";
        } else if (part.expired(now)) {
            reason = "signing subkey expired on " + core::format_time(*part.expires);
        } else if (taken == nullptr || taken == &primary || part.made > taken->made) {
            taken = &part;
        }
    }
    return taken == nullptr ? reason : weakness(*taken);
}

std::optional<core::Time> KeyDescription::usable_until() const {
    const auto forever = core::Time::max();
    core::Time last = core::Time::min();
    for (const KeyPart& part : parts) {
        if (!part.signs || part.revoked || !weakness(part).empty()) continue;
        last = std::max(last, part.expires.value_or(forever));
    }
    last = std::min(last, parts.front().expires.value_or(forever));
    return last == forever ? std::nullopt : std::optional(last);
}

PublicKeys read_public_keys(const std::string& text, const std::filesystem::path& scratch,
                            std::chrono::milliseconds patience, KeyCache* cache) {
    PublicKeys keys = import_keys(scratch, {&text, 1}, patience);
    if (cache != nullptr) cache->add(keys);
    return keys;
}

core::KeyReader key_reader(std::filesystem::path work, std::shared_ptr<KeyCache> cache) {
    return [work = std::move(work), cache = std::move(cache)](const std::string& text) {
        const core::Scratch scratch(work);
        PublicKeys read = read_public_keys(text, scratch.directory(), usual_patience, cache.get());
        core::PublicKeys keys;
        keys.text = std::move(read.armored);
        for (const KeyDescription& key : read.keys) keys.keys.push_back(facts_of(key));
        return keys;
    };
}

std::string generate_key(const std::filesystem::path& home, const std::string& user_id,
                         NewKeyAlgorithm algorithm, std::chrono::seconds valid) {
    check_user_id(user_id);
    make_home(std::filesystem::absolute(home));
    const Engine engine(std::filesystem::absolute(home), time_to_make);
    const bool forever = valid.count() == 0;
    // FORCE: a second key under the same name is how a key is rotated.
    const unsigned flags = GPGME_CREATE_SIGN | GPGME_CREATE_NOPASSWD | GPGME_CREATE_FORCE |
                           (forever ? GPGME_CREATE_NOEXPIRE : 0u);
    std::string fingerprint;
    const char* name = algorithm == NewKeyAlgorithm::ed25519 ? "ed25519" : "rsa3072";
    const auto start = [&](gpgme_ctx_t context) {
        return gpgme_op_createkey_start(context, user_id.c_str(), name, 0,
                                        static_cast<unsigned long>(valid.count()), nullptr, flags);
    };
    const auto finish = [&](gpgme_ctx_t context, gpgme_error_t ended) {
        const gpgme_genkey_result_t result = gpgme_op_genkey_result(context);
        if (ended == 0 && result != nullptr && result->fpr != nullptr) fingerprint = result->fpr;
        return ended;
    };
    const gpgme_error_t error = engine.run(start, finish);
    if (gpgme_err_code(error) != GPG_ERR_NO_ERROR) {
        throw core::Error(fmt::format("cannot make a key in the GnuPG home {}: {}{}", home.string(),
                                      reason_of(error), too_long_for_socket(engine.home())));
    }
    if (fingerprint.empty()) throw core::Error("gpg made no key in " + home.string());
    return fingerprint;
}

}  // namespace signing
