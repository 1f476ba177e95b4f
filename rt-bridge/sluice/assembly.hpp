// SPDX-License-Identifier: GPL-3.0-or-later
// All parts of the bridge, put together over one depot.
#pragma once

#include <filesystem>
#include <memory>

#include "core/system/lock.hpp"
#include "rt-bridge/bridge/daemon.hpp"
#include "rt-bridge/command_line/program.hpp"

namespace sluice {

/// A depot with a table [bridge], and what whoever follows RT and whoever speaks to that process
/// both need.
struct BridgedDepot {
    BridgedDepot(const std::filesystem::path& depot, const core::Cells& cells);

    command_line::Program program;
    const bridge::Configuration configuration;
    const bridge::Files files;
    const bridge::Log log;
};

rt::Rest2 connect(const bridge::Configuration& configuration);

/// For the one process that follows RT for the depot.
class Assembly {
  public:
    /// The depot is borrowed.
    Assembly(BridgedDepot& depot, core::Lock lock);

    /// One look at RT. Returns whether nothing was postponed.
    bool pass();

    /// Until SIGINT or SIGTERM.
    void follow();

    bridge::Bridge& bridge() { return bridge_; }

  private:
    std::optional<fetch::Trust> trust();

    BridgedDepot& depot_;
    const core::Lock lock_;
    rt::Rest2 tickets_;
    const std::unique_ptr<core::Verifier> verifier_;  // of repositories; none: any are taken
    fetch::SeenSources seen_sources_;
    fetch::Fetcher fetcher_;
    bridge::DepotReleases releases_;
    bridge::StateFile state_;
    bridge::Bridge bridge_;
};

}  // namespace sluice
