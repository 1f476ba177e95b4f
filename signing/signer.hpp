// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures made with a key that GnuPG keeps, through its agent. The secret key and its passphrase
// are never seen here, and nobody is ever asked: a key that is locked is an Error at once.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/work/signer.hpp"
#include "signing/keys.hpp"

namespace signing {

/// Nothing is read before the first call. Safe to use from several threads.
class GpgSigner : public core::Signer {
  public:
    /// An empty `home` is the user's (GNUPGHOME, else ~/.gnupg). `key` is a fingerprint or a long
    /// key id, of the primary key or a subkey; GnuPG picks the newest signing subkey. `patience`
    /// bounds each run of gpg, for agents and smart cards that hang. The key is added to `cache`.
    GpgSigner(std::filesystem::path home, const std::string& key,
              std::chrono::milliseconds patience = usual_patience,
              std::shared_ptr<KeyCache> cache = {});
    ~GpgSigner() override;

    std::vector<std::string> sign(std::span<const core::SigningRequest> requests) const override;
    std::string public_key() const override;
    std::string fingerprint() const override;

    /// The key as it stands in the home now.
    KeyDescription key() const;

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

}  // namespace signing
