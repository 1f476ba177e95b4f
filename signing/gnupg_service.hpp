// SPDX-License-Identifier: GPL-3.0-or-later
// What the process that runs gpg is asked for, and how it answers. Private to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "signing/channel.hpp"
#include "signing/signer.hpp"
#include "signing/verifier.hpp"

namespace signing {

/// The first field of a question; what follows it is in brackets, then what the answer holds.
namespace question {
inline constexpr std::string_view sign = "sign";                // [form, bytes]…: signatures
inline constexpr std::string_view public_key = "public key";    // the key, armored
inline constexpr std::string_view fingerprint = "fingerprint";  // the fingerprint
inline constexpr std::string_view trust = "trust";  // [scratch, keys…]: number of the verifier
inline constexpr std::string_view detached = "detached";      // [number, bytes, signature]: verdict
inline constexpr std::string_view packet = "packet";          // [number, bytes, packet]: verdict
inline constexpr std::string_view clear_text = "clear text";  // [number, text]: verdict, content
inline constexpr std::string_view forget = "forget";          // [number]: nothing
}  // namespace question

/// The first field of an answer: what was asked for follows it, or the text of an Error.
inline constexpr std::string_view answered = "answered";
inline constexpr std::string_view failed = "failed";

std::string form_text(core::SignatureForm form);

/// Five fields, from `first` on.
void append_verdict(Message& message, const core::Verdict& verdict);
core::Verdict verdict_in(const Message& message, std::size_t first);

/// One signer and any number of verifiers. Thread-safe.
class GnupgService {
  public:
    explicit GnupgService(const GpgSigner& signer) : signer_(signer) {}

    /// Never throws for what gpg said: then the answer is a failure.
    Message answer(const Message& question);

  private:
    Message result(const Message& question);
    Message sign(const Message& question) const;
    Message trust(const Message& question);
    Message judge(const Message& question) const;
    std::shared_ptr<const FreshVerifier> verifier(const std::string& number) const;

    const GpgSigner& signer_;
    mutable std::mutex mutex_;
    std::uint64_t last_ = 0;
    std::map<std::string, std::shared_ptr<const FreshVerifier>> verifiers_;
};

}  // namespace signing
