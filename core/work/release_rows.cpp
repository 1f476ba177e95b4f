// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/release_rows.hpp"

#include <algorithm>
#include <iterator>

#include "core/system/parallel.hpp"
#include "core/work/configuration_change.hpp"

namespace core {
namespace {

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

}  // namespace

std::set<std::string> platforms_of(const Release& release) {
    std::set<std::string> platforms;
    for (const Package& package : release.packages) platforms.insert(package.platform);
    return platforms;
}

void add_edits(Edits& edits, const Configuration& configuration, const Formats& formats,
               const Release& release, const std::string& stage_name, bool join) {
    const bool is_there = find_named(configuration.stages, stage_name) != nullptr;
    if (!join && !is_there) return;  // its repositories went with the stage
    const Stage& stage = configuration.stage(stage_name);
    bool has_place = false;
    for (const std::string& name : platforms_of(release)) {
        const Platform* platform = find_named(configuration.platforms, name);
        if (platform == nullptr) continue;  // its repositories went with the platform
        const auto add = [&](const Section& section, Row row) {
            has_place = true;
            if (stage.entry && join) {
                const Repository own{stage.name, release.line, release.id, name, section.tree};
                edits[own][section.index].push_back({join, release.id, row});
            }
            const Repository shared{stage.name, release.line, {}, name, section.tree};
            edits[shared][section.index].push_back({join, release.id, std::move(row)});
        };
        for_each_row(configuration, formats, release, *platform, add);
    }
    if (join && !has_place && !stage.archive) {
        refuse_without_place(configuration, formats, release);
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
        const Platform* platform = find_named(configuration.platforms, name);
        if (platform == nullptr) continue;
        for_each_row(configuration, formats, release, *platform,
                     [&](const Section& section, const Row&) {
                         all.insert({configuration.entry_stage().name, release.line, release.id,
                                     name, section.tree});
                     });
    }
    return all;
}

std::map<std::string, Rows> RepositoryRows::from_records(const Repository& repository) const {
    std::map<std::string, Rows> rows;
    Edits own;
    if (!repository.release.empty()) {
        const auto stands = state_.standing.find(repository.release);
        if (stands == state_.standing.end() || stands->second != repository.stage) {
            return rows;  // it comes in
        }
        add_joins(own, repository.release, repository.stage);
    }
    const Edits& joins = repository.release.empty() ? joins_in(repository.stage) : own;
    const auto found = joins.find(repository.home());
    if (found == joins.end()) return rows;
    for (const auto& [index, edits] : found->second) {
        rows[index] = edited({}, edits, state_.arrivals).rows;
    }
    return rows;
}

std::map<std::string, Rows> RepositoryRows::of(const Repository& repository) const {
    const auto published = state_.repositories.find(repository.path());
    // Not published yet: a platform, line or stage is new, or a release comes in.
    bool kept = published != state_.repositories.end();
    std::map<std::string, Rows> rows;
    for (const std::string& index : indexes_of(depot_.configuration, formats_, repository)) {
        if (!kept) break;
        auto roster = depot_.rosters.load(repository.path(), index, published->second.composed);
        kept = roster.has_value();
        if (kept) rows[index] = std::move(*roster);
    }
    return kept ? rows : from_records(repository);
}

const Edits& RepositoryRows::joins_in(const std::string& stage) const {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = joins_.try_emplace(stage);
    Joins& joins = found->second;
    try {
        if (is_new) joins.edits = read_joins(stage);
    } catch (...) {
        joins.failure = std::current_exception();
    }
    if (joins.failure) std::rethrow_exception(joins.failure);
    return joins.edits;
}

Edits RepositoryRows::read_joins(const std::string& stage) const {
    std::vector<std::string> ids;
    for (const auto& [id, where] : state_.standing) {
        if (where == stage) ids.push_back(id);
    }
    std::vector<Edits> joins(ids.size());
    parallel_for(ids.size(), [&](std::size_t i) { add_joins(joins[i], ids[i], stage); });
    Edits all;
    for (Edits& of_release : joins) {
        for (auto& [repository, indexes] : of_release) {
            for (auto& [index, edits] : indexes) {
                std::ranges::move(edits, std::back_inserter(all[repository][index]));
            }
        }
        of_release.clear();
    }
    return all;
}

void RepositoryRows::add_joins(Edits& joins, const std::string& id,
                               const std::string& stage) const {
    const Release release = depot_.records.load(id);
    for (const std::string& name : platforms_of(release)) {
        const Platform* platform = find_named(depot_.configuration.platforms, name);
        if (platform == nullptr) continue;
        const auto add = [&](const Section& section, Row row) {
            const Repository repository{stage, release.line, {}, name, section.tree};
            joins[repository][section.index].push_back({true, id, std::move(row)});
        };
        for_each_row(depot_.configuration, formats_, release, *platform, add);
    }
}

}  // namespace core
