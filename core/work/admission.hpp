// SPDX-License-Identifier: GPL-3.0-or-later
// Admission: from a received bundle to a release that can be committed. Everything that may be
// wrong with it is found before anything is changed, and told at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/model/stage_rules.hpp"
#include "core/store/depot.hpp"
#include "core/work/bundle.hpp"
#include "core/work/commit.hpp"
#include "core/work/request.hpp"

namespace core {

/// Has the packages read in cells and checks everything. Throws Refused with the whole
/// report if there is any error. The bundle's scratch files must live until the candidate is
/// committed.
Candidate examine(const Depot& depot, const Collaborators& collaborators, const Bundle& bundle,
                  const Admission& admission, const Asked& asked);

/// The report of `examine` for a provider: all findings, errors included, without a depot's rules.
Report validate(const Formats& formats, const Cells& cells, const Bundle& bundle,
                const std::function<void(std::size_t, std::size_t)>& progress);

/// What the admission moves; sets the release's id. Needs the lock. No moves: the same release
/// stands in the entry stage already, with the same content.
std::vector<Move> decide_admission(const Depot& depot, const Formats& formats, const State& state,
                                   RecordReader& records, Candidate& candidate);

}  // namespace core
