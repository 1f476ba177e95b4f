// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/model/error.hpp"
#include "core/model/report.hpp"
#include "core/model/stage_policy.hpp"
#include "core/model/text.hpp"
#include "core/system/parallel.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/release_rows.hpp"
#include "core/work/replacements.hpp"

namespace core {
namespace {

/// What is not there is empty.
template <class Map>
const typename Map::mapped_type& found_in(const Map& map, const typename Map::key_type& key) {
    static const typename Map::mapped_type nothing;
    const auto found = map.find(key);
    return found == map.end() ? nothing : found->second;
}

/// Makes the plan of one operation.
class Planner {
  public:
    Planner(const Depot& depot, const Formats& formats, const State& state,
            const PlanOptions& options)
        : depot_(depot), published_(depot), formats_(formats), state_(state), options_(options) {
        published_.configuration = configuration_of(state, depot.configuration);
    }

    Plan plan(Operation operation, const Release* admitted, RecordReader& records) {
        if (!state_.lost.empty() && !options_.everything) {
            throw Error(fmt::format("{} {}", state_.lost.front().string(), is_lost));
        }
        Plan plan;
        plan.standing = after(state_.standing, operation.moves);
        plan.mends_links = options_.everything;
        plan.arrivals = after(state_.arrivals, operation);
        plan.warnings = options_.warnings;
        plan.operation = std::move(operation);
        const Edits edits = edits_of(plan, admitted, records);
        if (!objections_.empty()) throw Refused(objections_);
        add_repositories(plan, edits);
        compare_versions(plan);
        for (const Problem& warning : plan.warnings)
            plan.operation.warnings.push_back(describe(warning));
        return plan;
    }

  private:
    /// What the releases bring that move, or that go to another place in their stage. Judges those
    /// that move on.
    Edits edits_of(Plan& plan, const Release* admitted, RecordReader& records) {
        const std::vector<Move>& moves = plan.operation.moves;
        Edits edits;
        const auto add = [&](const Release& release, const std::string& stage, bool join) {
            add_edits(edits, depot_.configuration, formats_, release, stage, join);
        };
        for (const Move& move : moves) {
            const bool is_admitted = admitted != nullptr && admitted->id == move.release;
            const Release& release = is_admitted ? *admitted : records.load(move.release);
            if (!move.from.empty()) add(release, move.from, false);
            if (move.to.empty()) continue;
            add(release, move.to, true);
            judge_keys_of(release, plan.warnings);
            // What is handed in was judged with the rest of its bundle.
            if (plan.operation.verb == Verb::promote)
                judge_packages(release, move.to, plan.warnings);
        }
        for (const auto& [id, arrival] : *plan.operation.arrivals) {
            if (std::ranges::find(moves, id, &Move::release) != moves.end()) continue;
            const Release release = depot_.records.load(id);
            const std::string& stage = plan.standing.at(id);
            add(release, stage, false);
            add(release, stage, true);
        }
        return edits;
    }

    void judge_packages(const Release& release, const std::string& stage, Report& warnings) {
        NamedPackages packages;
        for (const Package& package : release.packages) packages.emplace_back(&package, release.id);
        divide(judge_remarks(packages, depot_.configuration.stage(stage)), objections_, warnings);
    }

    static void divide(Report found, Report& errors, Report& warnings) {
        for (Problem& problem : found) {
            (problem.severity == Severity::error ? errors : warnings).push_back(std::move(problem));
        }
    }

    void judge_keys_of(const Release& release, Report& warnings) {
        if (!options_.keys) return;
        const Line& line = depot_.configuration.line(release.line);
        Report found = judge_keys(release, line, formats_, *options_.keys);
        if (options_.keys_only_warn) {
            for (Problem& problem : found) problem.severity = Severity::warning;
        }
        divide(std::move(found), objections_, warnings);
    }

    void add_repositories(Plan& plan, const Edits& edits) {
        standing_ = standing_repositories(depot_.configuration, formats_);
        std::set<Repository> wanted = standing_;
        for (const auto& [path, published] : state_.repositories) {
            const Repository& repository = published.repository;
            if (still_its_own(repository, plan.standing)) wanted.insert(repository);
        }
        for (const auto& [repository, unused] : edits) {
            if (still_its_own(repository, plan.standing)) wanted.insert(repository);
        }
        add_own_repositories(wanted, plan);
        for (const auto& [path, published] : state_.repositories) {
            if (!wanted.contains(published.repository)) {
                plan.removed.push_back(published.repository);
            }
        }
        for (const Repository& repository : wanted) {
            const bool published = state_.repositories.contains(repository.path());
            if (!edits.contains(repository) && published && !options_.everything &&
                !is_outdated(repository, state_, depot_.configuration)) {
                continue;
            }
            plan.composed.push_back({repository, !published, {}});
        }
        parallel_for(plan.composed.size(), [&](std::size_t i) {
            add_indexes(plan.composed[i], found_in(edits, plan.composed[i].repository),
                        plan.arrivals);
        });
    }

    /// What comes in replaces what is older, and is refused where that is newer.
    void compare_versions(Plan& plan) const {
        Report downgrades, jumps;
        std::set<std::string_view> told;
        for (RepositoryPlan& repository : plan.composed) {
            const Platform& platform =
                depot_.configuration.platform(repository.repository.platform);
            append(downgrades,
                   find_replaced(repository, formats_.at(platform.format), plan.operation.moves));
            append(jumps, epoch_jumps(repository, plan.operation, told));
        }
        Report refused;
        const bool are_refused = plan.operation.verb == Verb::promote && !options_.allow_downgrade;
        if (are_refused) refused = std::move(downgrades);
        divide(std::move(jumps), refused, plan.warnings);
        if (!refused.empty()) throw Refused(refused);
    }

    /// Of what moves on into a repository; a package is told once.
    Report epoch_jumps(const RepositoryPlan& plan, const Operation& operation,
                       std::set<std::string_view>& told) const {
        const bool moves_on = operation.verb == Verb::admit || operation.verb == Verb::promote;
        Report found;
        if (!moves_on) return found;
        const Stage& stage = depot_.configuration.stage(plan.repository.stage);
        for (const IndexPlan& index : plan.indexes) {
            for (std::size_t i = 0; i < index.change.added.size(); ++i) {
                const Row& row = index.change.added[i];
                const std::string& older = index.replaces[i];
                if (older.empty() || !higher_epoch(row.version, older)) continue;
                const Move* move = move_of(operation.moves, row);
                if (move == nullptr || !told.insert(row.path).second) continue;
                found.push_back(epoch_jump(move->release, row.name, row.version, older, stage));
            }
        }
        return found;
    }

    /// Null for a package that has another place by a change of the configuration.
    static const Move* move_of(const std::vector<Move>& moves, const Row& row) {
        const std::vector<std::string> releases = split(row.releases, ",");
        const auto found = std::ranges::find_if(moves, [&](const Move& move) {
            return !move.to.empty() && std::ranges::find(releases, move.release) != releases.end();
        });
        return found == moves.end() ? nullptr : &*found;
    }

    /// What a change of the configuration closed comes back when it is taken back, and a refresh
    /// opens what is not there for whatever reason. Releases that move have their edits.
    void add_own_repositories(std::set<Repository>& wanted, const Plan& plan) const {
        const Configuration& configuration = depot_.configuration;
        const bool is_changed = !setting_changes(published_.configuration, configuration).empty();
        if (!is_changed && !options_.everything) return;
        for (const auto& [id, stage] : plan.standing) {
            const bool moves = std::ranges::find(plan.operation.moves, id, &Move::release) !=
                               plan.operation.moves.end();
            if (moves || stage != configuration.entry_stage().name) continue;
            wanted.merge(own_repositories(configuration, formats_, depot_.records.load(id)));
        }
    }

    /// True for the repository of one release while the release stands in the stage of entry, and
    /// the repository of all has the same tree.
    bool still_its_own(const Repository& repository, const Standing& standing) const {
        if (repository.release.empty()) return false;
        const auto found = standing.find(repository.release);
        if (found == standing.end() || found->second != repository.stage) return false;
        return repository.stage == depot_.configuration.entry_stage().name &&
               standing_.contains(repository.home());
    }

    void add_indexes(RepositoryPlan& plan, const IndexEdits& edits,
                     const Arrivals& arrivals) const {
        const Repository& repository = plan.repository;
        const bool is_remade = state_.repositories.contains(repository.path()) &&
                               is_outdated(repository, state_, depot_.configuration);
        std::map<std::string, Rows> before =
            is_remade ? rows_.from_records(repository) : rows_.of(repository);
        std::map<std::string, Rows> published;
        if (is_remade) published = published_rows_.of(repository);
        for (const std::string& index : indexes_of(depot_.configuration, formats_, repository)) {
            IndexPlan one{index, {}, {}};
            one.change = edited(std::move(before[index]), found_in(edits, index), arrivals);
            if (is_remade || plan.created)
                one.change = difference(published[index], std::move(one.change.rows));
            plan.indexes.push_back(std::move(one));
        }
    }

    /// What leads from the rows that are published to others: packages may have another place now.
    static Change difference(const Rows& published, Rows rows) {
        Change change;
        std::ranges::set_difference(rows, published, std::back_inserter(change.added), in_order);
        std::ranges::set_difference(published, rows, std::back_inserter(change.removed), in_order);
        change.rows = std::move(rows);
        return change;
    }

    const Depot& depot_;
    Depot published_;  // as the current generation was made
    const Formats& formats_;
    const State& state_;
    const PlanOptions options_;
    const RepositoryRows rows_{depot_, formats_, state_};
    const RepositoryRows published_rows_{published_, formats_, state_};
    std::set<Repository> standing_;
    Report objections_;  // to keys
};

}  // namespace

Plan make_plan(const Depot& depot, const Formats& formats, const State& state, Operation operation,
               const Release* admitted, RecordReader& records, const PlanOptions& options) {
    return Planner(depot, formats, state, options).plan(std::move(operation), admitted, records);
}

Digest Plan::hash() const {
    Hasher hasher;
    const auto say = [&](const std::string& text) { hasher.update(text + "\n"); };
    say(std::string(name(operation.verb)));
    for (const Move& move : operation.moves) say(move.release + "\t" + move.from + "\t" + move.to);
    for (const auto& [package, provider] : operation.claims) say(package + "\t" + provider);
    for (const std::string& change : operation.configuration_changes) say(change);
    // Releases are immutable: who stands where says what every index holds.
    for (const auto& [release, stage] : standing) say(release + "\t" + stage);
    for (const auto& [release, arrival] : *operation.arrivals)
        say(fmt::format("{}\t{}", release, arrival));
    for (const RepositoryPlan& repository : composed) {
        say(repository.repository.path());
        for (const IndexPlan& index : repository.indexes) {
            say(index.index);
            for (const Row& row : index.change.added)
                say(fmt::format("+{}\t{}", row.path, row.digest.hex()));
            for (const Row& row : index.change.removed) say(fmt::format("-{}", row.path));
        }
    }
    for (const Repository& repository : removed) say("-" + repository.path());
    return hasher.finish();
}

}  // namespace core
