// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/parallel.hpp"
#include "core/work/configuration_change.hpp"

namespace core {
namespace {

using IndexEdits = std::map<std::string, std::vector<Edit>>;
using Edits = std::map<Repository, IndexEdits>;

const Platform* find_platform(const Configuration& configuration, std::string_view name) {
    const auto& all = configuration.platforms;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Platform& p) { return p.name == name; });
    return found == all.end() ? nullptr : &*found;
}

Row row_of(const Package& package) {
    return {package.path, package.name, package.full_version(), package.architecture,
            package.digest};
}

Row row_of(const Release& release, const Document& document) {
    return {
        release.id + "/" + document.name, release.product, release.version, {}, document.digest};
}

/// Calls `visit(section, row)` for every row a release has on a platform. Packages for which the
/// configuration has no place any more have none.
template <class Visit>
void for_each_row(const Configuration& configuration, const Formats& formats,
                  const Release& release, const Platform& platform, Visit&& visit) {
    bool has_packages = false;
    for (const Package& package : release.packages) {
        if (package.platform != platform.name) continue;
        for (const Section& section : sections_for(configuration, formats, release.line, package)) {
            visit(section, row_of(package));
            has_packages = true;
        }
    }
    if (!has_packages) return;
    const std::vector<Section> all =
        formats.at(platform.format).backend->sections(platform, nullptr);
    for (const Document& document : release.documents) {
        if (document.platform != platform.name) continue;
        for (const Section& section : all) {
            if (section.index == document.index) visit(section, row_of(release, document));
        }
    }
}

/// A release comes back for which the configuration has no place any more.
void refuse_without_place(const Configuration& configuration, const Formats& formats,
                          const Release& release) {
    if (release.packages.empty()) return;
    const Package& package = release.packages.front();
    configuration.line(release.line);
    const Platform& platform = configuration.platform(package.platform);
    formats.at(platform.format).backend->sections(platform, &package);
}

std::set<std::string> platforms_of(const Release& release) {
    std::set<std::string> platforms;
    for (const Package& package : release.packages) platforms.insert(package.platform);
    return platforms;
}

/// Adds what it means that a release joins or leaves a stage.
void add_edits(Edits& edits, const Depot& depot, const Formats& formats, const Release& release,
               const std::string& stage_name, bool join) {
    const auto& stages = depot.configuration.stages;
    const auto stage = std::ranges::find(stages, stage_name, &Stage::name);
    if (stage == stages.end()) {
        if (!join) return;                      // its repositories went with the stage
        depot.configuration.stage(stage_name);  // refuses
    }
    bool has_place = false;
    for (const std::string& name : platforms_of(release)) {
        const Platform* platform = find_platform(depot.configuration, name);
        if (platform == nullptr) continue;  // its repositories went with the platform
        const auto add = [&](const Section& section, Row row) {
            has_place = true;
            if (stage->entry && join) {
                const Repository own{stage->name, release.line, release.id, name, section.tree};
                edits[own][section.index].push_back({join, release.id, row});
            }
            const Repository shared{stage->name, release.line, {}, name, section.tree};
            edits[shared][section.index].push_back({join, release.id, std::move(row)});
        };
        for_each_row(depot.configuration, formats, release, *platform, add);
    }
    if (join && !has_place && !stage->archive) {
        refuse_without_place(depot.configuration, formats, release);
    }
}

std::set<std::string> indexes_of(const Configuration& configuration, const Formats& formats,
                                 const Repository& repository) {
    const Platform& platform = configuration.platform(repository.platform);
    std::set<std::string> indexes;
    for (const Section& section :
         formats.at(platform.format).backend->sections(platform, nullptr)) {
        if (section.tree == repository.tree) indexes.insert(section.index);
    }
    return indexes;
}

/// Makes the plan of one operation.
class Planner {
  public:
    Planner(const Depot& depot, const Formats& formats, const State& state,
            const PlanOptions& options)
        : depot_(depot), published_(depot), formats_(formats), state_(state), options_(options) {
        published_.configuration = configuration_of(state, depot.configuration);
    }

    Plan plan(Operation operation, const Release* admitted) {
        if (!state_.lost.empty() && !options_.everything) {
            throw Error(fmt::format("{} {}", state_.lost.front().string(), is_lost));
        }
        Plan plan;
        if (!operation.arrivals) operation.arrivals.emplace();
        plan.standing = after(state_.standing, operation.moves);
        plan.mends_links = options_.everything;
        plan.arrivals = after(state_.arrivals, operation);
        plan.warnings = options_.warnings;
        Edits edits;
        for (const Move& move : operation.moves) {
            std::optional<Release> recorded;
            const Release& release = admitted != nullptr && admitted->id == move.release
                                         ? *admitted
                                         : recorded.emplace(depot_.records.load(move.release));
            if (!move.from.empty()) add_edits(edits, depot_, formats_, release, move.from, false);
            if (!move.to.empty()) add_edits(edits, depot_, formats_, release, move.to, true);
            if (!move.to.empty()) judge(release, plan.warnings);
        }
        for (const auto& [id, arrival] : *operation.arrivals) {
            if (std::ranges::find(operation.moves, id, &Move::release) != operation.moves.end())
                continue;
            // It stays in its stage and goes to another place there.
            const Release release = depot_.records.load(id);
            const std::string& stage = plan.standing.at(id);
            add_edits(edits, depot_, formats_, release, stage, false);
            add_edits(edits, depot_, formats_, release, stage, true);
        }
        if (!objections_.empty()) throw Refused(objections_);
        for (const Problem& warning : plan.warnings)
            operation.warnings.push_back(describe(warning));
        plan.operation = std::move(operation);
        add_repositories(plan, edits);
        if (!downgrades_.empty()) throw Refused(downgrades_);
        return plan;
    }

  private:
    void judge(const Release& release, Report& warnings) {
        if (!options_.keys) return;
        const Line& line = depot_.configuration.line(release.line);
        for (Problem& problem : judge_keys(release, line, formats_, *options_.keys)) {
            if (options_.keys_only_warn) problem.severity = Severity::warning;
            const bool forbidden = problem.severity == Severity::error;
            (forbidden ? objections_ : warnings).push_back(std::move(problem));
        }
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
            const auto found = edits.find(plan.composed[i].repository);
            add_indexes(plan.composed[i], found == edits.end() ? IndexEdits() : found->second,
                        plan.arrivals);
        });
        for (RepositoryPlan& repository : plan.composed) {
            compare_versions(plan.operation, repository);
        }
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
            is_remade ? rows_from_records(depot_, formats_, state_, repository)
                      : rows_of(depot_, formats_, state_, repository);
        std::map<std::string, Rows> published;
        if (is_remade) published = rows_of(published_, formats_, state_, repository);
        for (const std::string& index : indexes_of(depot_.configuration, formats_, repository)) {
            const auto found = edits.find(index);
            IndexPlan one{index, {}, {}};
            one.change =
                edited(std::move(before[index]),
                       found == edits.end() ? std::vector<Edit>() : found->second, arrivals);
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

    /// Finds what each added package replaces, and refuses what would be older than what is there.
    /// A site sees all indexes of a repository that its architecture has, so all are looked at.
    void compare_versions(const Operation& operation, RepositoryPlan& plan) {
        std::unordered_set<std::string_view> new_paths, new_names;
        bool is_there_more = false;
        for (IndexPlan& index : plan.indexes) {
            index.replaces.resize(index.change.added.size());
            is_there_more = is_there_more || index.change.added.size() != index.change.rows.size();
            for (const Row& row : index.change.added) {
                if (row.architecture.empty()) continue;  // a document
                new_paths.insert(row.path);
                new_names.insert(row.name);
            }
        }
        // Where all rows are new there is nothing to replace.
        if (new_paths.empty() || !is_there_more) return;
        std::multimap<std::string_view, const Row*> others;  // the same names in other versions
        std::unordered_set<std::string_view> met;  // one for every architecture is in each index
        for (const IndexPlan& index : plan.indexes) {
            for (const Row& row : index.change.rows) {
                if (!new_names.contains(row.name) || row.architecture.empty()) continue;
                if (!new_paths.contains(row.path) && met.insert(row.path).second) {
                    others.emplace(row.name, &row);
                }
            }
        }
        met.clear();
        for (IndexPlan& index : plan.indexes) {
            for (std::size_t i = 0; i < index.change.added.size(); ++i) {
                const Row& added = index.change.added[i];
                if (added.architecture.empty()) continue;
                const bool is_told = !met.insert(added.path).second;
                const auto [begin, end] = others.equal_range(added.name);
                const Row* older = nullptr;
                for (auto other = begin; other != end; ++other) {
                    const Row& row = *other->second;
                    if (!meet(plan.repository, added, row)) continue;
                    if (newer(plan.repository, row.version, added.version)) {
                        if (!is_told && comes_with(operation, added))
                            refuse_downgrade(operation, plan.repository, added, row);
                    } else if (older == nullptr ||
                               newer(plan.repository, row.version, older->version)) {
                        older = &row;
                    }
                }
                if (older != nullptr) index.replaces[i] = std::string(older->version);
            }
        }
    }

    /// False for a package that has another place by a change of the configuration.
    static bool comes_with(const Operation& operation, const Row& added) {
        const std::vector<std::string> releases = split(added.releases, ",");
        return std::ranges::any_of(operation.moves, [&](const Move& move) {
            return std::ranges::find(releases, move.release) != releases.end();
        });
    }

    const Format& format_of(const Repository& repository) const {
        return formats_.at(depot_.configuration.platform(repository.platform).format);
    }

    bool newer(const Repository& repository, std::string_view a, std::string_view b) const {
        return format_of(repository).inspector->compare_versions(a, b) > 0;
    }

    /// True if a site of one architecture sees both, and one could be installed for the other.
    bool meet(const Repository& repository, const Row& a, const Row& b) const {
        const std::string& every = format_of(repository).every_architecture;
        return a.architecture == b.architecture || a.architecture == every ||
               b.architecture == every;
    }

    void refuse_downgrade(const Operation& operation, const Repository& repository,
                          const Row& added, const Row& newer) {
        if (operation.verb != Verb::promote || options_.allow_downgrade) return;
        downgrades_.push_back(error_at(repository.path(), reason::downgrade,
                                       fmt::format("{} {} is older than {}, which is there already",
                                                   added.name, added.version, newer.version),
                                       "if it is meant, allow it with --allow-downgrade"));
    }

    const Depot& depot_;
    Depot published_;  // as the current generation was made
    const Formats& formats_;
    const State& state_;
    const PlanOptions options_;
    std::set<Repository> standing_;
    Report downgrades_;
    Report objections_;  // to keys
};

}  // namespace

Plan make_plan(const Depot& depot, const Formats& formats, const State& state, Operation operation,
               const Release* admitted, const PlanOptions& options) {
    return Planner(depot, formats, state, options).plan(std::move(operation), admitted);
}

std::set<Repository> standing_repositories(const Configuration& configuration,
                                           const Formats& formats) {
    std::set<Repository> all;
    for (const Stage& stage : configuration.stages) {
        for (const Line& line : configuration.lines) {
            for (const Platform& platform : configuration.platforms) {
                const Backend& backend = *formats.at(platform.format).backend;
                for (const Section& section : backend.sections(platform, nullptr)) {
                    all.insert({stage.name, line.name, {}, platform.name, section.tree});
                }
            }
        }
    }
    return all;
}

std::set<Repository> own_repositories(const Configuration& configuration, const Formats& formats,
                                      const Release& release) {
    std::set<Repository> all;
    for (const std::string& name : platforms_of(release)) {
        const Platform* platform = find_platform(configuration, name);
        if (platform == nullptr) continue;
        for_each_row(configuration, formats, release, *platform,
                     [&](const Section& section, const Row&) {
                         all.insert({configuration.entry_stage().name, release.line, release.id,
                                     name, section.tree});
                     });
    }
    return all;
}

std::map<std::string, Rows> rows_from_records(const Depot& depot, const Formats& formats,
                                              const State& state, const Repository& repository) {
    const Platform& platform = depot.configuration.platform(repository.platform);
    std::map<std::string, std::vector<Edit>> edits;
    for (const auto& entry : state.standing) {
        const std::string& id = entry.first;
        if (entry.second != repository.stage) continue;
        if (!repository.release.empty() && id != repository.release) continue;
        const Release release = depot.records.load(id);
        if (release.line != repository.line) continue;
        const auto add = [&](const Section& section, Row row) {
            if (section.tree != repository.tree) return;
            edits[section.index].push_back({true, id, std::move(row)});
        };
        for_each_row(depot.configuration, formats, release, platform, add);
    }
    std::map<std::string, Rows> rows;
    for (const auto& [index, joins] : edits) rows[index] = edited({}, joins, state.arrivals).rows;
    return rows;
}

std::map<std::string, Rows> rows_of(const Depot& depot, const Formats& formats, const State& state,
                                    const Repository& repository) {
    const auto published = state.repositories.find(repository.path());
    // Not published yet: a platform, line or stage is new, or a release comes in.
    bool kept = published != state.repositories.end();
    std::map<std::string, Rows> rows;
    for (const std::string& index : indexes_of(depot.configuration, formats, repository)) {
        if (!kept) break;
        auto roster = depot.rosters.load(repository.path(), index, published->second.composed);
        kept = roster.has_value();
        if (kept) rows[index] = std::move(*roster);
    }
    return kept ? rows : rows_from_records(depot, formats, state, repository);
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
