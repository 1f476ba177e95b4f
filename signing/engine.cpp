// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/engine.hpp"

#include <fmt/format.h>
#include <future>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "core/model/error.hpp"
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

gpgme_error_t as_it_ended(gpgme_ctx_t, gpgme_error_t error) {
    return error;
}

ContextHandle new_context(const std::filesystem::path& home) {
    gpgme_ctx_t made = nullptr;
    check(gpgme_new(&made), "GPGME");
    ContextHandle context(made);
    check(gpgme_set_protocol(made, GPGME_PROTOCOL_OpenPGP), "cannot use gpg; is GnuPG installed?");
    if (!home.empty()) {  // costs a run of `gpg --version`
        check(gpgme_ctx_set_engine_info(made, GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()),
              "cannot use gpg; is GnuPG installed?");
    }
    check(gpgme_set_pinentry_mode(made, GPGME_PINENTRY_MODE_ERROR), "cannot use gpg");
    gpgme_set_armor(made, 1);
    gpgme_set_offline(made, 1);
    return context;
}

/// GPGME waits without end for `gpg --version`. So a thread does, which is left behind if it must
/// be.
ContextHandle new_context_within(std::chrono::milliseconds patience,
                                 const std::filesystem::path& home) {
    std::packaged_task<ContextHandle()> task([home] { return new_context(home); });
    auto made = task.get_future();
    std::thread(std::move(task)).detach();
    if (made.wait_for(patience) != std::future_status::ready) {
        check(gpgme_error(GPG_ERR_TIMEOUT), "cannot use gpg");
    }
    return made.get();
}

}  // namespace

std::string reason_of(gpgme_error_t error) {
    if (gpgme_err_code(error) != GPG_ERR_TIMEOUT) return gpgme_strerror(error);
    return "gpg was given up, because it did not come to an end: it hangs, or gpg-agent or a smart "
           "card that it waits for does";
}

void check(gpgme_error_t error, std::string_view what) {
    if (gpgme_err_code(error) == GPG_ERR_NO_ERROR) return;
    throw core::Error(fmt::format("{}: {}", what, reason_of(error)));
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

std::string contents(DataHandle data) {
    std::size_t size = 0;
    const Handle<char, gpgme_free> memory(gpgme_data_release_and_get_mem(data.release(), &size));
    return memory ? std::string(memory.get(), size) : std::string();
}

Engine::Engine(std::filesystem::path home, std::chrono::milliseconds patience)
    : home_(std::move(home)), patience_(patience) {
    initialise();
}

ContextHandle Engine::acquire_context() const {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return new_context_within(patience_, home_);
    ContextHandle context = std::move(idle_.back());
    idle_.pop_back();
    return context;
}

void Engine::release_context(ContextHandle context) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
}

gpgme_error_t Engine::run(const Step& start, const LastStep& finish) const {
    return run(start, finish, gpgme_key_unref);
}

gpgme_error_t Engine::run(const Step& start, const LastStep& finish,
                          const std::function<void(gpgme_key_t)>& take) const {
    ContextHandle context = acquire_context();
    gpgme_error_t error = run_within(context.get(), patience_, start, take);
    if (gpgme_err_code(error) == GPG_ERR_TIMEOUT) return error;
    error = finish(context.get(), error);
    release_context(std::move(context));
    return error;
}

gpgme_error_t Engine::list(const char* pattern, std::vector<KeyHandle>& keys) const {
    return run([&](gpgme_ctx_t context) { return gpgme_op_keylist_start(context, pattern, 0); },
               as_it_ended, [&](gpgme_key_t key) { keys.emplace_back(key); });
}

KeyDescription description(gpgme_key_t key) {
    KeyDescription result;
    result.disabled = key->disabled != 0;
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
    std::vector<KeyHandle> found;
    check(engine.list(nullptr, found), "cannot list OpenPGP keys");
    std::vector<KeyDescription> keys;
    for (const KeyHandle& key : found) {
        if (key->subkeys != nullptr) keys.push_back(description(key.get()));
    }
    return keys;
}

std::string export_keys(const Engine& engine, const char* fingerprint) {
    DataHandle result = output();
    const auto start = [&](gpgme_ctx_t context) {
        return gpgme_op_export_start(context, fingerprint, GPGME_EXPORT_MODE_MINIMAL, result.get());
    };
    check(engine.run(start, as_it_ended), "cannot export OpenPGP keys");
    std::string text = contents(std::move(result));
    if (text.empty()) throw core::Error("gpg exported no OpenPGP key");
    return text;
}

}  // namespace signing
