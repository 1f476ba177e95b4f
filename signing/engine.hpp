// SPDX-License-Identifier: GPL-3.0-or-later
// GPGME in C++: handles that free themselves, and contexts for one GnuPG home. Private to this
// folder, like GPGME itself.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <gpgme.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "signing/keys.hpp"

namespace signing {

template <class T, auto Free>
struct Freer {
    void operator()(T* handle) const { Free(handle); }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Freer<T, Free>>;

using ContextHandle = Handle<gpgme_context, gpgme_release>;
using DataHandle = Handle<gpgme_data, gpgme_data_release>;
using KeyHandle = Handle<_gpgme_key, gpgme_key_unref>;

/// What went wrong, for people.
std::string reason_of(gpgme_error_t error);

/// Throws Error "what: reason".
void check(gpgme_error_t error, std::string_view what);

/// Why no gpg-agent can be reached for this home, if it is the length of its path: "; …". Else
/// nothing.
std::string too_long_for_socket(const std::filesystem::path& home);

/// Data that borrows `bytes`.
DataHandle input(std::string_view bytes);
DataHandle output();
/// All that was written to `data`.
std::string contents(DataHandle data);

/// Contexts for one home. A context serves one thread at a time and may cost a run of gpg to make,
/// so they are kept and lent out. Thread-safe.
class Engine {
  public:
    using Step = std::function<gpgme_error_t(gpgme_ctx_t)>;
    using LastStep = std::function<gpgme_error_t(gpgme_ctx_t, gpgme_error_t)>;

    /// An empty `home` is the user's. `patience` bounds each run of gpg: it may hang, or the agent,
    /// smart card or lock that it waits for.
    Engine(std::filesystem::path home, std::chrono::milliseconds patience);

    const std::filesystem::path& home() const { return home_; }

    /// Lends a context to an operation: `start` starts it, `finish` looks at its result and is told
    /// how it ended. GPG_ERR_TIMEOUT if it took too long.
    gpgme_error_t run(const Step& start, const LastStep& finish) const;

    /// The keys that a pattern is for, or all of the home if it is null.
    gpgme_error_t list(const char* pattern, std::vector<KeyHandle>& keys) const;

  private:
    gpgme_error_t run(const Step& start, const LastStep& finish,
                      const std::function<void(gpgme_key_t)>& take) const;
    ContextHandle acquire_context() const;
    void release_context(ContextHandle context) const;

    std::filesystem::path home_;
    std::chrono::milliseconds patience_;
    mutable std::mutex mutex_;
    mutable std::vector<ContextHandle> idle_;
};

/// A key as the rest of this folder needs it.
KeyDescription description(gpgme_key_t key);

/// The public key of this fingerprint, or all of the home, armored and as small as they can be:
/// with the latest valid signatures that they made over themselves, and no others.
std::string export_keys(const Engine& engine, const char* fingerprint = nullptr);

/// All keys of the home.
std::vector<KeyDescription> list_keys(const Engine& engine);

}  // namespace signing
