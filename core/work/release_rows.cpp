// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/release_rows.hpp"

#include <algorithm>

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

}  // namespace core
