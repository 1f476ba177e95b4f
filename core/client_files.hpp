// SPDX-License-Identifier: GPL-3.0-or-later
// What sites need to use a repository: public keys, and a client file for each platform of a stage
// or release. Kept below public/keys and public/client, beside the generations: they change with
// the configuration, not with what is published.
#pragma once

#include <string>
#include <vector>

#include "core/backend.hpp"
#include "core/depot.hpp"
#include "core/signer.hpp"

namespace core {

class ClientFiles {
  public:
    ClientFiles(const Depot& depot, const Formats& formats, const Signer& signer)
        : depot_(depot), formats_(formats), signer_(signer) {}

    /// The client file of a repository's platform; its tree does not matter.
    std::string text(const Repository& repository) const;

    /// "umd5-production-el9.repo".
    std::string file_name(const Repository& repository) const;

    /// Where sites find the repository; a file URL if no public URL is configured.
    std::string url(const Repository& repository) const;

    /// Where sites find the client file.
    std::string file_url(const Repository& repository) const;

    /// Writes the keys and the client files of these repositories, where they differ from what is
    /// there. Needs the lock.
    void write(const std::vector<Repository>& repositories) const;

  private:
    ClientEntry entry(const Repository& repository) const;
    const Format& format_of(const Repository& repository) const;
    std::string public_url() const;

    const Depot& depot_;
    const Formats& formats_;
    const Signer& signer_;
};

/// The ASCII-armored keys of package signers that a depot trusts: provider-keys/*.asc, by file
/// name.
std::map<std::string, std::string> provider_keys(const Depot& depot);

}  // namespace core
