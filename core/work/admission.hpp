// SPDX-License-Identifier: GPL-3.0-or-later
// Admission: from a received bundle to a release that can be committed. Everything that may be
// wrong with it is found before anything is changed, and told at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/provider.hpp"
#include "core/store/depot.hpp"
#include "core/work/bundle.hpp"
#include "core/work/commit.hpp"

namespace core {

struct AdmissionRequest {
    std::string line;  // empty: the default line
    std::string by;
    std::string reason;
    std::string cause;
    bool emergency = false;  // granted; the descriptor can only ask for it
    Introduction introduction{};
    std::vector<std::string> submitters{};
};

/// A release that passed every check that needs no lock.
struct Candidate {
    Release release;  // without id and operation
    Report report;    // warnings only
    std::vector<Incoming::Entry> files;
    std::shared_ptr<Flusher> flusher = {};  // that of the bundle
    Standing compared{};                    // the releases that none of its ids was taken from
};

/// Reads the packages in worker processes and checks everything. Throws Refused with the whole
/// report if there is any error. The bundle's scratch files must live until the candidate is
/// committed; documents that are made here are written to `scratch`.
Candidate examine(const Depot& depot, const Collaborators& collaborators, const Bundle& bundle,
                  const AdmissionRequest& request, const std::filesystem::path& scratch);

/// The report of `examine` for a provider: all findings, errors included, without a depot's rules.
Report validate(const Formats& formats, const Bundle& bundle,
                const std::function<void(std::size_t, std::size_t)>& progress);

/// The plan of the admission; sets the release's id and operation. Needs the lock. Nothing if the
/// same release stands in the entry stage already, with the same content.
std::optional<Plan> plan_admission(const Depot& depot, const Collaborators& collaborators,
                                   const State& state, Candidate& candidate,
                                   const AdmissionRequest& request);

}  // namespace core
