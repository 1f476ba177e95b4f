// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/signer.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unistd.h>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/parallel.hpp"
#include "signing/bindings.hpp"
#include "signing/clear_text.hpp"
#include "signing/engine.hpp"
#include "signing/gpg_failure.hpp"
#include "signing/key_cache.hpp"
#include "signing/packets.hpp"
#include "signing/process.hpp"
#include "signing/status_lines.hpp"

namespace signing {
namespace {

/// The agent works on one signature at a time; more runs of gpg than this only wait for it.
constexpr std::size_t most_threads = 4;

/// How often a signature is tried that gpg has not made, and what the agent gets to come up.
constexpr int most_tries = 4;
constexpr std::chrono::milliseconds between_tries{50};

/// "0x89ab cdef…" → "89ABCDEF…". Short key ids are refused: anyone can make a key with a given one.
std::string normal_key_id(std::string_view text) {
    std::string id;
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    for (const char c : text) {
        if (c != ' ') id += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const bool hexadecimal = id.find_first_not_of("0123456789ABCDEF") == std::string::npos;
    if (!hexadecimal || (id.size() != 16 && id.size() != 40)) {
        throw core::Error("\"" + core::escaped(text) +
                          "\" names no OpenPGP key: give its fingerprint (40 hexadecimal digits)");
    }
    return id;
}

std::string home_name(const std::filesystem::path& home) {
    if (!home.empty()) return home.string();
    const char* directory = gpgme_get_dirinfo("homedir");
    return directory == nullptr ? "the user's GnuPG home" : directory;
}

/// A gpg.conf can make gpg sign with MD5, with a second key, or with other text than it was given;
/// and an output that is no signature has been seen with success reported.
void check_signature(const core::SigningRequest& request, const KeyDescription& key,
                     const std::string& signature) {
    std::string packets;
    int type = 0;
    if (request.form == core::SignatureForm::clear_text) {
        const ClearText text = parse_clear_text(signature);
        if (text.canonical != canonical_text(request.bytes)) {
            throw core::Error("gpg signed another text than it was given");
        }
        packets = text.signature;
        type = 1;
    } else {
        packets = decode_armor(signature, "PGP SIGNATURE", Surroundings::blank);
    }
    const std::vector<Packet> found = split_packets(packets, 1);
    if (found.front().tag != tag::signature) throw Malformed("there is no signature");
    const SignaturePacket made = read_signature(found.front().body);
    const auto maker = std::ranges::find_if(key.parts, [&](const KeyPart& part) {
        return !made.issuer.empty() && part.fingerprint.ends_with(made.issuer);
    });
    if (maker == key.parts.end()) throw core::Error("gpg signed with another key, " + made.issuer);
    if (const std::string weak_part = weakness(*maker); !weak_part.empty()) {
        throw core::Error("gpg signed with the subkey " + maker->fingerprint + ": " + weak_part);
    }
    const std::string weak = weakness(made, type);
    if (!weak.empty())
        throw core::Error("gpg made a " + weak + "; its gpg.conf must not ask for it");
    if (made.expires) {
        throw core::Error(
            "gpg made a signature that expires; its gpg.conf must not ask for it "
            "(default-sig-expire, ask-sig-expire)");
    }
}

}  // namespace

class GpgSigner::Work {
  public:
    Work(std::filesystem::path home, const std::string& key, std::chrono::milliseconds patience,
         std::shared_ptr<KeyCache> cache)
        : engine_(std::move(home), patience),
          id_(normal_key_id(key)),
          patience_(patience),
          cache_(std::move(cache)) {}

    struct Loaded {
        KeyDescription description;
        std::string exported;
    };

    /// The key, fit for signing now. It is read again before it is called unfit, because its owner
    /// may have prolonged it since.
    std::shared_ptr<const Loaded> usable_key() const {
        const auto now = core::SystemClock().now();
        const auto asked = Steady::now();
        const std::lock_guard lock(mutex_);
        // While this one waited for its turn.
        if (gave_up_ > asked) fail(explanation(gpgme_error(GPG_ERR_TIMEOUT), home()));
        if (!loaded_ || !loaded_->description.unusable(now).empty()) loaded_ = load_in_time();
        const std::string reason = loaded_->description.unusable(now);
        if (!reason.empty()) {
            fail(fmt::format("in {} it is {}; mend it there or configure another", home(), reason));
        }
        return loaded_;
    }

    std::shared_ptr<const Loaded> load() const {
        check_home();
        std::vector<KeyHandle> found;
        const gpgme_error_t error = engine_.list(id_.c_str(), found);
        if (gpgme_err_code(error) != GPG_ERR_NO_ERROR) fail(explanation(error, home()));
        if (found.empty()) fail("it is not in " + home() + "; import it there");
        const auto is_another = [&](const KeyHandle& key) {
            return std::string_view(key->fpr) != found.front()->fpr;
        };
        if (std::ranges::any_of(found, is_another))
            fail("several keys have this id; give the fingerprint");
        std::vector<KeyDescription> described{description(found.front().get())};
        std::string exported = export_keys(engine_, described.front().fingerprint().c_str());
        note_bindings(decode_armor(exported, "PGP PUBLIC KEY BLOCK", Surroundings::blank),
                      described);
        if (cache_) cache_->add({exported, described});
        return std::make_shared<const Loaded>(
            Loaded{std::move(described.front()), std::move(exported)});
    }

    std::string sign(const Loaded& key, const core::SigningRequest& request) const {
        std::string signature;
        gpgme_error_t error = 0;
        {
            const std::shared_lock with_others(signing_);
            error = attempt(key, request, signature);
        }
        for (int tries = 1; tries < most_tries && is_without_secret(gpgme_err_code(error));
             ++tries) {
            const std::lock_guard alone(signing_);
            std::this_thread::sleep_for(between_tries);
            error = attempt(key, request, signature);
        }
        if (gpgme_err_code(error) != GPG_ERR_NO_ERROR) fail(explanation(error, home()));
        try {
            check_signature(request, key.description, signature);
        } catch (const Malformed& malformed) {
            fail(std::string("what gpg made is no usable signature: ") + malformed.what());
        } catch (const core::Error& problem) {
            forget();  // the key may have got a subkey since it was read
            fail(problem.what());
        }
        return signature;
    }

  private:
    void forget() const {
        const std::lock_guard lock(mutex_);
        loaded_ = nullptr;
    }

    /// Notes when gpg was given up.
    std::shared_ptr<const Loaded> load_in_time() const {
        const auto begun = Steady::now();
        try {
            return load();
        } catch (const core::Error&) {
            if (Steady::now() - begun >= patience_) gave_up_ = Steady::now();
            throw;
        }
    }

    /// gpg says of a home that it may not read that the key is not in it.
    void check_home() const {
        const std::filesystem::path& directory = engine_.home();
        const std::string name = home();
        if (::faccessat(AT_FDCWD, name.c_str(), R_OK | X_OK, AT_EACCESS) != 0 && errno == EACCES) {
            fail(core::system_error("cannot read the GnuPG home " + name).what());
        }
        if (!directory.empty() && !std::filesystem::is_directory(directory)) {
            fail("there is no GnuPG home " + name);
        }
    }

    /// Why there is no signature; 0 if there is one.
    gpgme_error_t attempt(const Loaded& key, const core::SigningRequest& request,
                          std::string& signature) const {
        // A clear-signed text of dashes is twice as long.
        const std::size_t most = 2 * request.bytes.size() + (64 << 10);
        return core::with_context(cannot_sign(), [&] {
            Finished finished = run({words(key, request.form), patience_, {request.bytes}, most});
            if (finished.given_up) return gpgme_error(GPG_ERR_TIMEOUT);
            signature = std::move(finished.output);
            return gpgme_error(static_cast<gpgme_err_code_t>(read_signing(finished.status)));
        });
    }

    std::vector<std::string> words(const Loaded& key, core::SignatureForm form) const {
        std::vector<std::string> words{find_program("gpg"),
                                       "--batch",
                                       "--no-tty",
                                       "--pinentry-mode",
                                       "error",
                                       "--disable-dirmngr",
                                       "--status-fd",
                                       std::to_string(status_descriptor),
                                       "--exit-on-status-write-error"};
        if (!engine_.home().empty()) {
            words.insert(words.end(), {"--homedir", engine_.home().string()});
        }
        words.insert(words.end(),
                     {"--local-user", key.description.fingerprint(), "--armor",
                      form == core::SignatureForm::clear_text ? "--clearsign" : "--detach-sign",
                      "--output", "-", "--", "-"});
        return words;
    }

    std::string home() const { return home_name(engine_.home()); }

    std::string cannot_sign() const { return "cannot sign with OpenPGP key " + id_; }

    [[noreturn]] void fail(const std::string& reason) const {
        throw core::Error(cannot_sign() + ": " + reason);
    }

    using Steady = std::chrono::steady_clock;

    Engine engine_;
    std::string id_;
    std::chrono::milliseconds patience_;
    std::shared_ptr<KeyCache> cache_;
    mutable std::mutex mutex_;
    mutable Steady::time_point gave_up_{};
    mutable std::shared_mutex signing_;  // held alone by who tries again
    mutable std::shared_ptr<const Loaded> loaded_;
};

GpgSigner::GpgSigner(std::filesystem::path home, const std::string& key,
                     std::chrono::milliseconds patience, std::shared_ptr<KeyCache> cache)
    : work_(std::make_unique<Work>(std::move(home), key, patience, std::move(cache))) {}

GpgSigner::~GpgSigner() = default;

std::vector<std::string> GpgSigner::sign(std::span<const core::SigningRequest> requests) const {
    std::vector<std::string> signatures(requests.size());
    if (requests.empty()) return signatures;
    const auto key = work_->usable_key();
    const std::size_t threads = std::min(requests.size(), most_threads);
    core::parallel_for(threads, [&](std::size_t thread) {
        for (std::size_t i = thread; i < requests.size(); i += threads) {
            signatures[i] = work_->sign(*key, requests[i]);
        }
    });
    return signatures;
}

std::string GpgSigner::public_key() const {
    return work_->usable_key()->exported;
}

std::string GpgSigner::fingerprint() const {
    return work_->usable_key()->description.fingerprint();
}

KeyDescription GpgSigner::key() const {
    return work_->load()->description;
}

}  // namespace signing
