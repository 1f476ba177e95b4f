// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/operations.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/id_owners.hpp"

namespace core {

ReleaseFacts Operations::facts(const std::string& id) const {
    const Release release = requested_release(depot_, id);
    return {release.product, release.version, release.line, release.emergency};
}

Departure Operations::departure() const {
    return
        [this](const std::string& id) { return departure_of(committed(depot_.ledger.read()), id); };
}

/// Finding the key, and filling a fresh keyring with it, takes GnuPG longer than a plan takes us:
/// both go on at once. What is wrong with the key is told where it is needed.
AwaitedVerifier Operations::prepare_verifier() const {
    return std::async(std::launch::async,
                      [this] {
                          const std::string key = collaborators_.signer.public_key();
                          return collaborators_.make_verifier({&key, 1});
                      })
        .share();
}

KeyRule Operations::key_rule(const Asked& asked) const {
    KeyRule rule{provider_keys(depot_, collaborators_.read_keys), collaborators_.clock.now(), {}};
    for (const std::string& key : asked.waived_keys) rule.waived.insert(fingerprint_of(key));
    return rule;
}

/// The changes of the configuration that the commit carries out besides. What is wrong with one is
/// for the operator, not for whoever asked.
Operations::Changes Operations::changes_of(const State& state, const Standing& standing,
                                           bool allow_loss) const {
    if (state.generation == 0) return {};
    auto found = strandings(depot_, collaborators_.formats, state, standing, allow_loss);
    if (!found.refused.empty()) {
        throw Error(depot_.layout.configuration().string() + ": " + join(found.refused, "; "));
    }
    Changes changes;
    for (const std::string& loss : found.allowed) {
        changes.warnings.push_back(warning_at({}, reason::loss_allowed, loss));
    }
    const ProviderKeys keys = provider_keys(depot_, collaborators_.read_keys);
    changes.lines = pending_changes(depot_, state, &keys, std::move(found.allowed));
    return changes;
}

Outcome Operations::perform(Verb verb, const MakeMoves& make_moves, PlanOptions options,
                            const Asked& asked, const MakeClaims& make_claims) {
    const auto verifier = asked.dry_run ? AwaitedVerifier() : prepare_verifier();
    const Lock lock = begin_writing(depot_, collaborators_.clock);
    const State state = depot_.state();
    Operation operation;
    operation.number = next_number(depot_);
    operation.verb = verb;
    Decision decision = make_moves(state);
    operation.moves = std::move(decision.moves);
    operation.arrivals = std::move(decision.arrivals);
    operation.claims = make_claims();
    if (verb == Verb::transfer && operation.claims.empty()) {
        Outcome nothing;
        nothing.plan.operation = std::move(operation);
        nothing.state = state;
        return nothing;
    }
    Changes changes = changes_of(state, after(state.standing, operation.moves), options.allow_loss);
    operation.configuration_changes = std::move(changes.lines);
    std::ranges::move(changes.warnings, std::back_inserter(options.warnings));
    operation.by = asked.by;
    operation.reason = asked.reason;
    operation.cause = asked.cause;
    if (options.keys)
        operation.waived_keys = {options.keys->waived.begin(), options.keys->waived.end()};
    Outcome outcome;
    outcome.plan =
        make_plan(depot_, collaborators_.formats, state, std::move(operation), nullptr, options);
    if (asked.dry_run) {
        outcome.state = state;
        return outcome;
    }
    outcome.state = commit(depot_, lock, collaborators_, verifier, state, outcome.plan, nullptr);
    outcome.done = true;
    return outcome;
}

Outcome Operations::init(const Asked& asked) {
    return perform(
        Verb::init,
        [](const State& state) -> Decision {
            if (state.generation != 0) {
                throw Refused(reason::nothing_to_do, "the depot has been set up already");
            }
            return std::vector<Move>();
        },
        {}, asked);
}

/// What becomes of a candidate in the present state of the depot; takes its release and report.
Operations::Admitted Operations::planned(Candidate& candidate,
                                         const AdmissionRequest& request) const {
    const State state = depot_.state();
    Changes changes = changes_of(state, state.standing, false);
    auto plan = plan_admission(depot_, collaborators_, state, candidate, request);
    Admitted admitted{std::move(candidate.release), std::move(candidate.report), std::nullopt};
    if (plan) {
        plan->operation.configuration_changes = std::move(changes.lines);
        admitted.outcome.emplace(Outcome{std::move(*plan), state, false});
    }
    return admitted;
}

Operations::Admitted Operations::admit(const Bundle& bundle, const std::string& line,
                                       bool emergency, const std::filesystem::path& scratch,
                                       const Asked& asked) {
    const AdmissionRequest request{line,      asked.by,           asked.reason,    asked.cause,
                                   emergency, asked.introduction, asked.submitters};
    // The long part, reading the packages, needs no lock: promotions go on meanwhile.
    Candidate candidate = examine(depot_, collaborators_, bundle, request, scratch);

    const auto verifier = prepare_verifier();
    const Lock lock = begin_writing(depot_, collaborators_.clock);
    Admitted admitted = planned(candidate, request);
    if (!admitted.outcome || asked.dry_run || bundle.descriptor.dry_run) return admitted;
    Incoming incoming{std::move(admitted.release), std::move(candidate.files), candidate.flusher};
    Outcome& outcome = *admitted.outcome;
    outcome.state =
        commit(depot_, lock, collaborators_, verifier, outcome.state, outcome.plan, &incoming);
    outcome.done = true;
    admitted.release = std::move(incoming.release);
    return admitted;
}

Operations::Admitted Operations::check(const Bundle& bundle, const std::string& line,
                                       const std::filesystem::path& scratch,
                                       const Asked& asked) const {
    const AdmissionRequest request{line,  asked.by,           asked.reason,    asked.cause,
                                   false, asked.introduction, asked.submitters};
    Candidate candidate = examine(depot_, collaborators_, bundle, request, scratch);
    return planned(candidate, request);
}

Outcome Operations::promote(const std::vector<std::string>& releases, const std::string& to,
                            bool allow_downgrade, const Asked& asked) {
    PlanOptions options;
    options.allow_downgrade = allow_downgrade;
    options.keys = key_rule(asked);
    return perform(
        Verb::promote,
        [&](const State& state) {
            return plan_promote(
                state.standing, depot_.configuration, releases, to,
                [&](const std::string& id) {
                    ReleaseFacts known = facts(id);
                    known.emergency = known.emergency || asked.emergency;
                    return known;
                },
                departure());
        },
        options, asked);
}

Outcome Operations::reject(const std::string& release, const Asked& asked) {
    return perform(
        Verb::reject,
        [&](const State& state) {
            facts(release);  // refuses an unknown release by name
            return plan_reject(state.standing, depot_.configuration, release, departure());
        },
        {}, asked);
}

Outcome Operations::deprecate(const std::string& release, const Asked& asked) {
    return perform(
        Verb::deprecate,
        [&](const State& state) {
            facts(release);
            return plan_deprecate(state.standing, depot_.configuration, release, departure());
        },
        {}, asked);
}

Operations::Decision Operations::moves_back(const State& state, std::optional<std::uint64_t> to,
                                            const std::optional<std::string>& stage) const {
    if (stage) depot_.configuration.stage(*stage);  // refuses an unknown stage
    const auto operations = committed(depot_.ledger.read());
    const auto target = std::find_if(operations.rbegin(), operations.rend(), [&](const auto& one) {
        return to ? one.operation.number == *to : !one.operation.moves.empty();
    });
    if (target == operations.rend()) {
        throw Refused(reason::unknown_generation,
                      to ? fmt::format("there is no generation {}", *to)
                         : "no operation has moved a release yet",
                      "`sluice history` shows all generations");
    }
    // Without a generation the last operation that moved anything is undone.
    const std::uint64_t number = target->operation.number - (to ? 0 : 1);
    const Standing then = standing_after(operations, number);
    auto moves = plan_rollback(state.standing, then, stage,
                               [&](const std::string& id) { return facts(id); });
    if (moves.empty()) {
        throw Refused(reason::nothing_to_do,
                      fmt::format("releases stand as they did in generation {}", number));
    }
    // Without a stage all stand as they did once: that must always be possible.
    if (stage) {
        refuse_ids_of_others(depot_, collaborators_.formats, owners_of(depot_), state.standing,
                             moves);
    }
    Operation as_moved;
    as_moved.number = next_number(depot_);
    as_moved.moves = moves;
    as_moved.arrivals.emplace();
    auto arrivals = arrivals_back(after(state.standing, moves), after(state.arrivals, as_moved),
                                  then, arrivals_after(operations, number), stage);
    return {std::move(moves), std::move(arrivals)};
}

Outcome Operations::rollback(std::optional<std::uint64_t> to,
                             const std::optional<std::string>& stage, const Asked& asked) {
    PlanOptions options;
    options.keys = key_rule(asked);
    options.keys_only_warn = true;  // going back must always be possible
    return perform(
        Verb::rollback, [&](const State& state) { return moves_back(state, to, stage); }, options,
        asked);
}

void Operations::settle() {
    begin_writing(depot_, collaborators_.clock);
}

Outcome Operations::refresh(const Asked& asked, bool allow_loss) {
    PlanOptions options;
    options.allow_loss = allow_loss;
    options.everything = true;
    options.warnings = judge_provider_keys(provider_keys(depot_, collaborators_.read_keys),
                                           collaborators_.clock.now());
    return perform(
        Verb::refresh,
        [this](const State& state) {
            // The cache may know what they say, and hide that they are gone until it does not.
            for (const auto& [id, stage] : state.standing) depot_.records.require(id);
            return std::vector<Move>();
        },
        options, asked);
}

Outcome Operations::hand_over(const MakeClaims& make_claims, const Asked& asked) {
    return perform(
        Verb::transfer, [](const State&) { return std::vector<Move>(); }, {}, asked, make_claims);
}

Outcome Operations::transfer(const std::vector<std::string>& names, const std::string& provider,
                             const Asked& asked) {
    return hand_over(
        [&] {
            return plan_transfer(owners_of(depot_), names,
                                 provider_named(depot_.configuration.providers, provider));
        },
        asked);
}

Outcome Operations::adopt(const Asked& asked) {
    const Providers& providers = depot_.configuration.providers;
    if (providers.empty()) {
        throw Refused(reason::unknown_provider, "sluice.toml has no [[provider]]",
                      "write down who hands in, and what is whose");
    }
    const ProviderKeys known = provider_keys(depot_, collaborators_.read_keys);
    require_key_files(providers, known);
    const KeyOwners keys = key_owners(providers, known);
    return hand_over(
        [&] {
            return proposed_owners(owners_of(depot_), providers, keys, depot_.records.ids(),
                                   [&](const std::string& id) { return depot_.records.load(id); });
        },
        asked);
}

}  // namespace core
