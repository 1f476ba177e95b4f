// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/engine.hpp"

#include <fmt/format.h>
#include <optional>
#include <sys/un.h>
#include <unistd.h>

#include "core/error.hpp"
#include "signing/event_loop.hpp"

namespace signing {
namespace {

/// GPGME wants to be asked for its version before anything else, and it would ask gpgconf, in three
/// runs, where gpg is: we take the gpg of PATH.
void initialise() {
    static const bool done = [] {
        gpgme_set_global_flag("disable-gpgconf", "1");
        gpgme_check_version(nullptr);
        return true;
    }();
    static_cast<void>(done);
}

KeyAlgorithm algorithm_of(gpgme_subkey_t subkey) {
    using Family = KeyAlgorithm::Family;
    KeyAlgorithm algorithm;
    algorithm.bits = subkey->length;
    if (subkey->curve != nullptr) algorithm.curve = subkey->curve;
    switch (subkey->pubkey_algo) {
        case GPGME_PK_RSA:
        case GPGME_PK_RSA_S:
            algorithm.family = Family::rsa;
            break;
        case GPGME_PK_DSA:
            algorithm.family = Family::dsa;
            break;
        case GPGME_PK_ECDSA:
            algorithm.family = Family::ecdsa;
            break;
        case GPGME_PK_EDDSA:
            algorithm.family = Family::eddsa;
            break;
        default:
            algorithm.family = Family::other;
    }
    return algorithm;
}

core::Time time_of(long seconds) {
    return core::Time(std::chrono::seconds(seconds));
}

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

/// How many contexts are made at once: as many as are in use at a time, most often.
constexpr std::size_t stock = 4;

/// Contexts for a GnuPG home. Naming the home costs a run of `gpg --version`, whether one context
/// is told or all that follow; so the process-wide default is told, and only when it changes.
std::vector<ContextHandle> new_contexts(const std::filesystem::path& home) {
    static std::mutex mutex;
    static std::optional<std::filesystem::path> named;
    const std::lock_guard lock(mutex);
    if (named != home) {
        named.reset();
        check(gpgme_set_engine_info(GPGME_PROTOCOL_OpenPGP, nullptr,
                                    home.empty() ? nullptr : home.c_str()),
              "cannot use gpg; is GnuPG installed?");
        named = home;
    }
    std::vector<ContextHandle> contexts;
    for (std::size_t i = 0; i < stock; ++i) {
        gpgme_ctx_t context = nullptr;
        check(gpgme_new(&context), "GPGME");
        contexts.emplace_back(context);
        check(gpgme_set_protocol(context, GPGME_PROTOCOL_OpenPGP), "cannot use gpg");
        check(gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_ERROR), "cannot use gpg");
        gpgme_set_armor(context, 1);
        gpgme_set_offline(context, 1);
    }
    return contexts;
}

}  // namespace

void check(gpgme_error_t error, std::string_view what) {
    if (gpgme_err_code(error) == GPG_ERR_NO_ERROR) return;
    throw core::Error(fmt::format("{}: {}", what, gpgme_strerror(error)));
}

std::string too_long_for_socket(const std::filesystem::path& home) {
    // The agent makes four sockets in its home, or below /run/user, and ends if one of them has too
    // long a name.
    constexpr std::string_view longest_name = "/S.gpg-agent.browser";
    constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1 - longest_name.size();
    const std::string elsewhere = fmt::format("/run/user/{}", ::geteuid());
    std::error_code ignored;  // then it is not of use to gpg either
    if (home.string().size() <= most || std::filesystem::exists(elsewhere, ignored)) return {};
    return fmt::format(
        "; its path is too long for the agent's socket: take one of at most {} bytes, or make {} "
        "(mode 700), where gpg has the sockets of all homes",
        most, elsewhere);
}

DataHandle input(std::string_view bytes) {
    gpgme_data_t data = nullptr;
    check(gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0), "GPGME");
    return DataHandle(data);
}

DataHandle output() {
    gpgme_data_t data = nullptr;
    check(gpgme_data_new(&data), "GPGME");
    return DataHandle(data);
}

std::string taken(DataHandle data) {
    std::size_t size = 0;
    const Handle<char, gpgme_free> memory(gpgme_data_release_and_get_mem(data.release(), &size));
    return memory ? std::string(memory.get(), size) : std::string();
}

Engine::Engine(std::filesystem::path home) : home_(std::move(home)) {
    initialise();
}

ContextHandle Engine::borrow() const {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) idle_ = new_contexts(home_);
    ContextHandle context = std::move(idle_.back());
    idle_.pop_back();
    return context;
}

void Engine::give_back(ContextHandle context) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
}

gpgme_error_t Engine::run(const Step& operation) const {
    ContextHandle context = borrow();
    const gpgme_error_t error = operation(context.get());
    give_back(std::move(context));
    return error;
}

gpgme_error_t Engine::run_within(std::chrono::milliseconds patience, const Step& start,
                                 const LastStep& finish) const {
    ContextHandle context = borrow();
    gpgme_error_t error = signing::run_within(context.get(), patience, start);
    if (gpgme_err_code(error) == GPG_ERR_TIMEOUT) return error;
    error = finish(context.get(), error);
    give_back(std::move(context));
    return error;
}

KeyDescription description(gpgme_key_t key) {
    KeyDescription result;
    result.disabled = key->disabled != 0;
    for (gpgme_user_id_t id = key->uids; id != nullptr; id = id->next) {
        result.user_ids.push_back(text_of(id->uid));
    }
    for (gpgme_subkey_t subkey = key->subkeys; subkey != nullptr; subkey = subkey->next) {
        KeyPart part;
        part.fingerprint = text_of(subkey->fpr);
        part.algorithm = algorithm_of(subkey);
        part.made = time_of(subkey->timestamp);
        if (subkey->expires != 0) part.expires = time_of(subkey->expires);
        part.revoked = subkey->revoked != 0 || key->revoked != 0;
        part.signs = subkey->can_sign != 0 && subkey->invalid == 0;
        result.parts.push_back(std::move(part));
    }
    return result;
}

std::vector<KeyDescription> list_keys(const Engine& engine) {
    std::vector<KeyDescription> keys;
    const gpgme_error_t error = engine.run([&](gpgme_ctx_t context) {
        gpgme_error_t failure = gpgme_op_keylist_start(context, nullptr, 0);
        while (failure == 0) {
            gpgme_key_t next = nullptr;
            failure = gpgme_op_keylist_next(context, &next);
            const KeyHandle key(next);
            if (failure == 0 && key->subkeys != nullptr) keys.push_back(description(key.get()));
        }
        if (gpgme_err_code(failure) == GPG_ERR_EOF) failure = gpgme_op_keylist_end(context);
        return failure;
    });
    check(error, "cannot list OpenPGP keys");
    return keys;
}

std::string export_keys(const Engine& engine, const char* fingerprint) {
    DataHandle result = output();
    check(engine.run([&](gpgme_ctx_t context) {
        return gpgme_op_export(context, fingerprint, GPGME_EXPORT_MODE_MINIMAL, result.get());
    }),
          "cannot export OpenPGP keys");
    std::string text = taken(std::move(result));
    if (text.empty()) throw core::Error("gpg exported no OpenPGP key");
    return text;
}

}  // namespace signing
