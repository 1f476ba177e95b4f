// SPDX-License-Identifier: GPL-3.0-or-later
// A depot: everything sluice keeps, in one directory, and the way to open it.
// Opening it is recovery (recovery.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/model/clock.hpp"
#include "core/model/configuration.hpp"
#include "core/model/layout.hpp"
#include "core/model/state.hpp"
#include "core/store/cache.hpp"
#include "core/store/ledger.hpp"
#include "core/store/pool.hpp"
#include "core/store/records.hpp"
#include "core/store/roster.hpp"
#include "core/system/files.hpp"
#include "core/system/lock.hpp"

namespace core {

/// The parts of a depot. Each keeps its own files; none knows of the others.
struct Depot {
    Layout layout;
    Configuration configuration;
    Pool pool;
    Cache cache;
    Records records;
    Ledger ledger;
    RosterStore rosters;

    /// The number `current` points to; 0 before the first generation.
    std::uint64_t current_generation() const;

    /// What `current` says; an empty state before the first generation.
    State state() const;
};

/// Makes the directories and the configuration of a new depot. Throws Refused if `root` has files
/// in it, except for a GnuPG home that was put there for it.
void create_depot(const std::filesystem::path& root, const std::string& configuration);

/// Reads the configuration; recovers, unless another process is writing at the moment (which then
/// has done so). Throws Error if `root` is no depot.
Depot open_depot(const std::filesystem::path& root, const Clock& clock);

/// Throws Refused (unknown-release) if none of that id was ever admitted.
void require_admitted(const Depot& depot, const std::string& id);

/// The release that somebody names. Throws likewise.
Release requested_release(const Depot& depot, const std::string& id);

/// What stands and has no record, as `status` tells it.
Report missing_records(const Depot& depot, const Standing& standing);

/// Waits to be the depot's only writer, and recovers. Writing is allowed while the lock lives.
Lock begin_writing(Depot& depot, const Clock& clock);

}  // namespace core
