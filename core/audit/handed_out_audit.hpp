// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at what is handed out to sites: keys and client files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/audit/audit.hpp"
#include "core/model/digest.hpp"
#include "core/store/provider_keys.hpp"

namespace core {

class HandedOutAudit {
  public:
    explicit HandedOutAudit(const Audit& audit) : audit_(audit) {}

    /// The key by which everything that is published has to be signed. If the configuration names
    /// another one, that is one finding and not one for each repository.
    std::string expected_key();

    /// Each is as it was written, and beside the generations there are links to them; and one
    /// finding tells if other keys would be written now, with `keys` in provider-keys/. Nothing:
    /// those cannot be read.
    void run(const std::map<std::string, std::string>& client_files,
             const std::optional<ProviderKeys>& keys);

    /// Client files by their paths in the generation, as they should be with the keys that are
    /// there.
    std::map<std::string, std::string> client_files() const;

  private:
    using Digests = std::map<std::string, Digest>;

    std::string published_key() const;
    std::set<std::string> published_keys() const;
    void expect_digest(const std::filesystem::path& file, const Digest& digest);
    void audit_keys(const std::optional<ProviderKeys>& keys);
    void audit_client_files(const std::map<std::string, std::string>& files);

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
};

}  // namespace core
