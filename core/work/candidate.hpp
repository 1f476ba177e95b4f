// SPDX-License-Identifier: GPL-3.0-or-later
// A candidate: what a bundle becomes that passed every check that needs no lock, and what the
// commit of its admission takes in.
#pragma once

#include <memory>
#include <vector>

#include "core/model/problem.hpp"
#include "core/model/release.hpp"
#include "core/model/state.hpp"
#include "core/system/flusher.hpp"
#include "core/work/bundle.hpp"

namespace core {

struct Candidate {
    Release release;                        // without id and operation
    Report report;                          // warnings only
    std::vector<ReceivedFile> files;        // of its packages and documents
    std::shared_ptr<Flusher> flusher = {};  // that of the bundle
    Standing compared{};                    // the releases that none of its ids was taken from
};

}  // namespace core
