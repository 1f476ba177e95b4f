// SPDX-License-Identifier: GPL-3.0-or-later
// What a ticket hands in, as a bundle: attached, or at the places that its descriptor or the ticket
// names.
#pragma once

#include <filesystem>

#include "core/model/bundle_limits.hpp"
#include "core/system/cells.hpp"
#include "core/work/bundle.hpp"
#include "rt-bridge/bridge/attachments.hpp"
#include "rt-bridge/fetch/fetcher.hpp"

namespace bridge {

class Submission {
  public:
    Submission(rt::Tickets& tickets, fetch::Fetcher& fetcher, const core::Cells& cells,
               const core::BundleLimits& limits)
        : tickets_(tickets), fetcher_(fetcher), cells_(cells), limits_(limits) {}

    /// Packages are taken from the first of these that there is: a bundle attached, the package
    /// URLs of the descriptor, its SynchURL, the ticket's SyncURL. `scratch` exists and is empty;
    /// the bundle's files are in it. Throws Refused.
    core::Bundle receive(const HandedIn& chosen, const std::filesystem::path& scratch);

  private:
    rt::Tickets& tickets_;
    fetch::Fetcher& fetcher_;
    const core::Cells& cells_;
    core::BundleLimits limits_;
};

}  // namespace bridge
