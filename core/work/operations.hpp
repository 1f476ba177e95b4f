// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done to a depot, for whoever asks: a person at the command line, or a ticket. Each
// takes the depot's lock, plans, and commits unless it is a dry run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/stage_rules.hpp"
#include "core/store/depot.hpp"
#include "core/work/admission.hpp"
#include "core/work/bundle.hpp"
#include "core/work/commit.hpp"
#include "core/work/plan.hpp"
#include "core/work/request.hpp"

namespace core {

struct Outcome {
    Plan plan;
    State state;  // after the operation; after a dry run as it was before
    bool done = false;
};

class Operations {
  public:
    Operations(Depot& depot, Collaborators collaborators)
        : depot_(depot), collaborators_(std::move(collaborators)) {}

    /// Publishes the first, empty generation. Throws Refused if there is one already.
    Outcome init(const Asked& asked);

    struct Admitted {
        Release release;
        Report warnings;
        std::optional<Outcome> outcome;  // nothing: the same release stands there already
    };
    Admitted admit(const Bundle& bundle, const Admission& admission, const Asked& asked);

    /// What a dry run of `admit` would say; waits for nobody, as it takes no lock.
    Admitted check(const Bundle& bundle, const Admission& admission, const Asked& asked) const;

    Outcome promote(const Promotion& promotion, const Asked& asked);
    Outcome reject(const std::string& release, const Asked& asked);
    Outcome deprecate(const std::string& release, const Asked& asked);

    /// Back to the standing of generation `to`; without it, to that before the last moves.
    Outcome rollback(std::optional<std::uint64_t> to, const std::optional<std::string>& stage,
                     const Asked& asked);

    /// New dates and signatures for everything; takes up changes of the configuration. With
    /// `allow_loss` also those by which releases that stand lose packages.
    Outcome refresh(const Asked& asked, bool allow_loss = false);

    /// After Unconfirmed: the ledger says what became of the operation.
    void settle();

    /// Gives names of packages to a provider.
    Outcome transfer(const std::vector<std::string>& names, const std::string& provider,
                     const Asked& asked);

    /// Gives each name that is nobody's to the only provider that it can be of; a dry run proposes
    /// it. If there is none, nothing is done.
    Outcome adopt(const Asked& asked);

  private:
    /// Fills in what the operation does in this state. Throws Refused if a rule forbids it.
    using Decide = std::function<void(const State&, RecordReader&, Operation&)>;

    Outcome plan(Verb verb, const Decide& decide, PlanOptions options, const Asked& asked,
                 const Candidate* candidate) const;
    Outcome perform(Verb verb, const Decide& decide, const PlanOptions& options, const Asked& asked,
                    const Candidate* candidate = nullptr);

    Decide admitting(Candidate& candidate) const;
    Outcome withdraw(Verb verb, const std::string& release, const Asked& asked);
    void move_back(const State& state, RecordReader& records, std::optional<std::uint64_t> to,
                   const std::optional<std::string>& stage, Operation& operation) const;

    KeyRule key_rule(const std::vector<std::string>& waived) const;
    struct Changes {
        std::vector<std::string> lines;  // for the ledger
        Report warnings;
    };
    Changes changes_of(const State& state, const Standing& standing, bool allow_loss) const;
    Departure departure() const;
    AwaitedVerifier prepare_verifier() const;

    Depot& depot_;
    const Collaborators collaborators_;
};

}  // namespace core
