// SPDX-License-Identifier: GPL-3.0-or-later
// What sites need to use a repository: public keys, and a client file for each platform of a stage
// or release. Each generation has its own below keys/ and client/, so that a new key comes in one
// step with what it signed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/addresses.hpp"
#include "core/backend.hpp"
#include "core/depot.hpp"
#include "core/provider_keys.hpp"
#include "core/signer.hpp"

namespace core {

class ClientFiles {
  public:
    ClientFiles(const Depot& depot, const Formats& formats, const Signer& signer,
                std::function<ProviderKeys()> provider_keys)
        : depot_(depot),
          formats_(formats),
          signer_(signer),
          provider_keys_(std::move(provider_keys)),
          addresses_(depot.layout, depot.configuration) {}

    /// Names in keys/: of the depot's key, and what stands before those of provider keys.
    static constexpr std::string_view depot_key_file = "sluice.asc";
    static constexpr std::string_view provider_prefix = "provider-";

    /// All keys and client files of a state, by their path in its generation.
    std::map<std::string, std::string> all(const State& state) const;

    /// Writes them to `directory`, the generation in the making; those that are the same in
    /// `previous` are linked. What was written, by path.
    std::map<std::string, Digest> write(const State& state, const std::filesystem::path& directory,
                                        const std::filesystem::path& previous) const;

  private:
    ClientEntry entry(const Repository& repository, const ProviderKeys& keys) const;
    /// The client file of a repository's platform; its tree does not matter.
    std::string text(const Repository& repository, const ProviderKeys& keys) const;
    const Format& format_of(const Repository& repository) const;

    const Depot& depot_;
    const Formats& formats_;
    const Signer& signer_;
    std::function<ProviderKeys()> provider_keys_;
    Addresses addresses_;
};

/// The provider keys that sites get: those that `present` has, and of files that a provider in
/// sluice.toml names and that are not there any more what `current` handed out, or sites that are
/// new could not install what is published. Nothing is admitted by these: they have no facts.
ProviderKeys handed_out_keys(const Depot& depot, const State& current, ProviderKeys present);

/// Provider keys as they would be handed out, by their path in a generation.
std::map<std::string, Digest> key_digests(const ProviderKeys& keys);

/// What tells the provider keys of two sets of what is handed out apart: "ada.asc is new".
std::vector<std::string> key_changes(const std::map<std::string, Digest>& made,
                                     const std::map<std::string, Digest>& wanted);

}  // namespace core
