// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures judged against given keys, in a GnuPG home of their own. GnuPG does the arithmetic and
// knows which subkey belongs to whom; what is good enough is decided here (signing/policy.hpp).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/work/signer.hpp"
#include "signing/keys.hpp"

namespace signing {

/// The home is made below `scratch` and removed by the destructor; no gpg-agent is ever started for
/// it. The time is the system's, because GnuPG's is.
///
/// A signature counts only while its key does: one of an expired or revoked key is refused even if
/// it was made before.
class FreshVerifier : public core::Verifier {
  public:
    /// `keys` are key files as read_public_keys takes them; throws Error if one holds no public
    /// key. Those that `cache` has are not read by gpg again.
    FreshVerifier(const std::filesystem::path& scratch, std::span<const std::string> keys,
                  std::chrono::milliseconds patience = usual_patience,
                  const KeyCache* cache = nullptr);
    ~FreshVerifier() override;

    core::Verdict check_detached(std::string_view bytes, std::string_view signature) const override;
    core::Verdict check_packet(std::string_view bytes, std::string_view packet) const override;
    core::Verdict check_clear_text(std::string_view text, std::string& content) const override;

  private:
    class Judge;
    std::unique_ptr<Judge> judge_;
};

core::VerifierMaker verifier_maker(std::filesystem::path scratch,
                                   std::shared_ptr<const KeyCache> cache = {});

}  // namespace signing
