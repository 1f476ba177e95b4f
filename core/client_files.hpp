// SPDX-License-Identifier: GPL-3.0-or-later
// What sites need to use a repository: public keys, and a client file for each platform of a stage
// or release. Each generation has its own below keys/ and client/, so that a new key comes in one
// step with what it signed.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/backend.hpp"
#include "core/depot.hpp"
#include "core/signer.hpp"

namespace core {

/// The ASCII-armored keys of package signers that a depot trusts: provider-keys/*.asc, by file
/// name.
std::map<std::string, std::string> provider_keys(const Depot& depot);

class ClientFiles {
  public:
    ClientFiles(const Depot& depot, const Formats& formats, const Signer& signer)
        : depot_(depot), formats_(formats), signer_(signer), provider_keys_(provider_keys(depot)) {}

    /// The client file of a repository's platform; its tree does not matter.
    std::string text(const Repository& repository) const;

    /// "umd5-production-el9.repo".
    std::string file_name(const Repository& repository) const;

    /// Where sites find the repository; a file URL if no public URL is configured.
    std::string url(const Repository& repository) const;

    /// Where sites find the client file.
    std::string file_url(const Repository& repository) const;

    /// All keys and client files of a state, by their path in its generation.
    std::map<std::string, std::string> all(const State& state) const;

    /// Writes them to `directory`, the generation in the making; those that are the same in
    /// `previous` are linked.
    void write(const State& state, const std::filesystem::path& directory,
               const std::filesystem::path& previous) const;

  private:
    ClientEntry entry(const Repository& repository) const;
    const Format& format_of(const Repository& repository) const;
    std::string public_url() const;

    const Depot& depot_;
    const Formats& formats_;
    const Signer& signer_;
    const std::map<std::string, std::string> provider_keys_;
};

}  // namespace core
