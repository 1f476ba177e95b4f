// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at what is handed out to sites: keys and client files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/audit.hpp"
#include "core/digest.hpp"
#include "core/provider_keys.hpp"

namespace core {

/// True for the path of a key or client file in a generation.
bool is_handed_out(std::string_view file);

class HandedOutAudit {
  public:
    explicit HandedOutAudit(const Audit& audit) : audit_(audit) {}

    /// The key by which everything that is published has to be signed. If the configuration names
    /// another one, that is one finding and not one for each repository.
    std::string expected_key();

    /// Each is as it was written; and one finding tells if others would be written now, with `keys`
    /// in provider-keys/. Nothing: those cannot be read.
    void run(const std::optional<ProviderKeys>& keys);

  private:
    using Digests = std::map<std::string, Digest>;

    Digests digests_of_today(const ProviderKeys& keys) const;
    void expect_digest(const std::filesystem::path& file, const Digest& digest);
    void report_outdated(const Digests& made, const Digests& wanted);

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
    bool signed_by_another_ = false;
};

}  // namespace core
