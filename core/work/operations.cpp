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

namespace {

/// A transfer of no names, or an admission of what stands there already.
bool does_nothing(const Operation& operation) {
    const bool may_do_nothing = operation.verb == Verb::transfer || operation.verb == Verb::admit;
    return may_do_nothing && operation.moves.empty() && operation.claims.empty();
}

/// It is kept for good, and shown to others again and again. (Who asks may have a name of RT, which
/// is compared with others: it is kept as it is, and escaped where it is shown.)
void check_reason(std::string_view text) {
    if (valid_utf8(text) && !has_control_characters(text, Text::prose)) return;
    throw Refused(reason::control_characters,
                  "the reason has control characters, some that reorder text, or bytes that are "
                  "not UTF-8: " +
                      escaped(text.substr(0, 200)),
                  "remove them");
}

/// Takes the release and the report of the candidate.
Operations::Admitted admitted(Candidate& candidate, Outcome outcome) {
    Operations::Admitted result{std::move(candidate.release), std::move(candidate.report), {}};
    if (!does_nothing(outcome.plan.operation)) result.outcome = std::move(outcome);
    return result;
}

}  // namespace

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

KeyRule Operations::key_rule(const std::vector<std::string>& waived) const {
    KeyRule rule{provider_keys(depot_, collaborators_.read_keys), collaborators_.clock.now(), {}};
    for (const std::string& key : waived) rule.waived.insert(fingerprint_of(key));
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

/// The outcome of a dry run.
Outcome Operations::plan(Verb verb, const Decide& decide, PlanOptions options, const Asked& asked,
                         const Candidate* candidate) const {
    check_reason(asked.reason);
    Outcome outcome;
    outcome.state = depot_.state();
    const State& state = outcome.state;
    Operation& operation = outcome.plan.operation;
    operation.number = next_number(depot_);
    operation.verb = verb;
    operation.by = asked.by;
    operation.reason = asked.reason;
    operation.cause = asked.cause;
    operation.arrivals.emplace();
    if (options.keys)
        operation.waived_keys = {options.keys->waived.begin(), options.keys->waived.end()};
    RecordReader records(depot_.records);
    // What is admitted has no record yet that could be looked at. And nobody who hands in is told
    // what follows from a mistake of the operator.
    std::optional<Changes> changes;
    if (candidate != nullptr) changes = changes_of(state, state.standing, options.allow_loss);
    decide(state, records, operation);
    if (does_nothing(operation)) return outcome;
    if (!changes)
        changes = changes_of(state, after(state.standing, operation.moves), options.allow_loss);
    operation.configuration_changes = std::move(changes->lines);
    append(options.warnings, std::move(changes->warnings));
    outcome.plan =
        make_plan(depot_, collaborators_.formats, state, std::move(operation),
                  candidate != nullptr ? &candidate->release : nullptr, records, options);
    return outcome;
}

Outcome Operations::perform(Verb verb, const Decide& decide, const PlanOptions& options,
                            const Asked& asked, const Candidate* candidate) {
    const auto verifier = asked.dry_run ? AwaitedVerifier() : prepare_verifier();
    const Lock lock = begin_writing(depot_, collaborators_.clock);
    Outcome outcome = plan(verb, decide, options, asked, candidate);
    if (asked.dry_run || does_nothing(outcome.plan.operation)) return outcome;
    outcome.state =
        commit(depot_, lock, collaborators_, verifier, outcome.state, outcome.plan, candidate);
    outcome.done = true;
    return outcome;
}

Outcome Operations::init(const Asked& asked) {
    return perform(
        Verb::init,
        [](const State& state, RecordReader&, Operation&) {
            if (state.generation != 0) {
                throw Refused(reason::nothing_to_do, "the depot has been set up already");
            }
        },
        {}, asked);
}

Operations::Decide Operations::admitting(Candidate& candidate) const {
    return [this, &candidate](const State& state, RecordReader& records, Operation& operation) {
        operation.moves =
            decide_admission(depot_, collaborators_.formats, state, records, candidate);
        candidate.release.operation = operation.number;
    };
}

Operations::Admitted Operations::admit(const Bundle& bundle, const Admission& admission,
                                       const Asked& asked) {
    // The long part, reading the packages, needs no lock: promotions go on meanwhile.
    Candidate candidate = examine(depot_, collaborators_, bundle, admission, asked);
    Asked of_both = asked;
    of_both.dry_run = asked.dry_run || bundle.descriptor.dry_run;
    return admitted(candidate, perform(Verb::admit, admitting(candidate), {}, of_both, &candidate));
}

Operations::Admitted Operations::check(const Bundle& bundle, const Admission& admission,
                                       const Asked& asked) const {
    Candidate candidate = examine(depot_, collaborators_, bundle, admission, asked);
    return admitted(candidate, plan(Verb::admit, admitting(candidate), {}, asked, &candidate));
}

Outcome Operations::promote(const Promotion& promotion, const Asked& asked) {
    PlanOptions options;
    options.allow_downgrade = promotion.allow_downgrade;
    options.keys = key_rule(promotion.waived_keys);
    return perform(
        Verb::promote,
        [&](const State& state, RecordReader& records, Operation& operation) {
            operation.moves = plan_promote(
                state.standing, depot_.configuration, promotion.releases, promotion.to,
                [&](const std::string& id) {
                    require_admitted(depot_, id);
                    ReleaseFacts facts = facts_of(records.load(id));
                    facts.emergency = facts.emergency || promotion.emergency;
                    return facts;
                },
                departure());
        },
        options, asked);
}

Outcome Operations::withdraw(Verb verb, const std::string& release, const Asked& asked) {
    const auto moves_of = verb == Verb::reject ? plan_reject : plan_deprecate;
    return perform(
        verb,
        [&](const State& state, RecordReader& records, Operation& operation) {
            require_admitted(depot_, release);
            records.load(release);  // that it is missing is for the operator, whatever is refused
            operation.moves = moves_of(state.standing, depot_.configuration, release, departure());
        },
        {}, asked);
}

Outcome Operations::reject(const std::string& release, const Asked& asked) {
    return withdraw(Verb::reject, release, asked);
}

Outcome Operations::deprecate(const std::string& release, const Asked& asked) {
    return withdraw(Verb::deprecate, release, asked);
}

void Operations::move_back(const State& state, RecordReader& records,
                           std::optional<std::uint64_t> to, const std::optional<std::string>& stage,
                           Operation& operation) const {
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
    operation.moves = plan_rollback(state.standing, then, stage, [&](const std::string& id) {
        return facts_of(records.load(id));
    });
    if (operation.moves.empty()) {
        throw Refused(reason::nothing_to_do,
                      fmt::format("releases stand as they did in generation {}", number));
    }
    // Without a stage all stand as they did once: that must always be possible.
    if (stage) {
        refuse_ids_of_others(depot_, collaborators_.formats, owners_of(depot_), state.standing,
                             operation.moves);
    }
    operation.arrivals =
        arrivals_back(after(state.standing, operation.moves), after(state.arrivals, operation),
                      then, arrivals_after(operations, number), stage);
}

Outcome Operations::rollback(std::optional<std::uint64_t> to,
                             const std::optional<std::string>& stage, const Asked& asked) {
    PlanOptions options;
    options.keys = key_rule({});
    options.keys_only_warn = true;  // going back must always be possible
    return perform(
        Verb::rollback,
        [&](const State& state, RecordReader& records, Operation& operation) {
            move_back(state, records, to, stage, operation);
        },
        options, asked);
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
        [this](const State& state, RecordReader&, Operation&) {
            // The cache may know what they say, and hide that they are gone until it does not.
            for (const auto& [id, stage] : state.standing) depot_.records.require(id);
        },
        options, asked);
}

Outcome Operations::transfer(const std::vector<std::string>& names, const std::string& provider,
                             const Asked& asked) {
    return perform(
        Verb::transfer,
        [&](const State&, RecordReader&, Operation& operation) {
            operation.claims = plan_transfer(
                owners_of(depot_), names, provider_named(depot_.configuration.providers, provider));
        },
        {}, asked);
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
    return perform(
        Verb::transfer,
        [&](const State&, RecordReader&, Operation& operation) {
            operation.claims =
                proposed_owners(owners_of(depot_), providers, keys, depot_.records.ids(),
                                [&](const std::string& id) { return depot_.records.load(id); });
        },
        {}, asked);
}

}  // namespace core
