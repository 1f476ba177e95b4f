// SPDX-License-Identifier: GPL-3.0-or-later
// The commit: carries out a plan so that it happens as a whole or not at all.
//
//   ledger: intent -> packages into the pool -> compose, sign and check the generation in scratch
//   -> flush -> move it into place -> swap `current` -> flush -> ledger: committed
//
// Everything before the swap is invisible, everything after it is bookkeeping that opening the
// depot would do as well.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/error.hpp"
#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"
#include "core/system/cells.hpp"
#include "core/system/flusher.hpp"
#include "core/work/backend.hpp"
#include "core/work/bundle.hpp"
#include "core/work/plan.hpp"
#include "core/work/publication.hpp"
#include "core/work/signer.hpp"

namespace core {

/// How far the clock may have been set back since the last commit.
inline constexpr std::chrono::seconds tolerated_adjustment{5};

/// What an operation needs from outside; borrowed.
struct Collaborators {
    const Formats& formats;
    const Cells& cells;
    const Signer& signer;
    const VerifierMaker& make_verifier;
    const KeyReader& read_keys;
    const Clock& clock;
    /// Told what is being done, for people: "composing", 3, 12. Zero of zero: no measure.
    std::function<void(const std::string&, std::size_t, std::size_t)> progress;
};

/// The number the next operation bears. Needs the lock.
std::uint64_t next_number(const Depot& depot);

/// After the swap: the operation is done, or nobody can tell, but the disk has not confirmed it.
/// Whoever asked must not ask again before the depot was opened anew, which settles it.
class Unconfirmed : public Error {
  public:
    Unconfirmed(std::uint64_t operation, const std::string& message)
        : Error(message), operation_(operation) {}

    std::uint64_t operation() const { return operation_; }

  private:
    std::uint64_t operation_;
};

/// Carries out a plan made under the same lock from the state `before`, and uses up its rows. An
/// admission takes in its candidate; for other operations it is null. On a failure before the swap
/// the depot is as it was before, the ledger says "abandoned", and the failure is thrown on; what
/// fails later is thrown as Unconfirmed.
State commit(Depot& depot, const Lock& lock, const Collaborators& collaborators,
             const AwaitedVerifier& verifier, const State& before, Plan& plan,
             const Candidate* candidate);

}  // namespace core
