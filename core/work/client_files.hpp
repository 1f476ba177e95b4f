// SPDX-License-Identifier: GPL-3.0-or-later
// What sites need to use a repository: public keys, and a client file for each platform of a stage
// or release. They stand in the generation, so that a new key comes in one step with what it
// signed: keys in keys/, client files beside the directories of their platforms.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"
#include "core/system/flusher.hpp"
#include "core/work/addresses.hpp"
#include "core/work/backend.hpp"

namespace core {

class ClientFiles {
  public:
    /// `public_key` is the depot's.
    ClientFiles(const Depot& depot, const Formats& formats, std::string public_key,
                ProviderKeys provider_keys)
        : depot_(depot),
          formats_(formats),
          public_key_(std::move(public_key)),
          provider_keys_(std::move(provider_keys)),
          addresses_(depot.layout, depot.configuration) {}

    /// Names in keys/: of the depot's key, and what stands before those of provider keys.
    static constexpr std::string_view depot_key_file = "sluice.asc";
    static constexpr std::string_view provider_prefix = "provider-";

    /// All keys, by their path in the generation.
    std::map<std::string, std::string> keys() const;

    /// True if a generation has them as they are.
    bool keys_are_in(const std::filesystem::path& generation) const;

    /// The path of the client file of a repository's platform in the generation of `state`.
    std::string path(const State& state, const PublishedRepository& published) const;

    std::set<std::string> paths(const State& state) const;

    /// All client files of a state, by their paths.
    std::map<std::string, std::string> all(const State& state) const;

    /// Writes client files to the directories `own`, which the generation in the making has itself;
    /// those that are the same in `before` are linked. Returns their paths.
    std::set<std::string> write(const State& state, const State& before,
                                const std::set<std::string>& own,
                                const std::filesystem::path& directory, Flusher& flusher) const;

  private:
    ClientEntry entry(const Repository& repository) const;
    /// The client file of a repository's platform; its tree does not matter.
    std::string text(const Repository& repository) const;
    const Format& format_of(const Repository& repository) const;

    const Depot& depot_;
    const Formats& formats_;
    const std::string public_key_;
    const ProviderKeys provider_keys_;
    const Addresses addresses_;
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
