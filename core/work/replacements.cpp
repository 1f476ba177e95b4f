// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/replacements.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <unordered_set>

#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

using Texts = std::unordered_set<std::string_view>;
using RowsByName = std::multimap<std::string_view, const Row*>;

bool is_document(const Row& row) {
    return row.architecture.empty();
}

/// What stays of the packages whose names come. A site sees all indexes of a repository that its
/// architecture has, so all are looked at.
RowsByName other_versions(const RepositoryPlan& plan) {
    Texts new_paths, new_names;
    bool is_there_more = false;
    for (const IndexPlan& index : plan.indexes) {
        is_there_more = is_there_more || index.change.added.size() != index.change.rows.size();
        for (const Row& row : index.change.added) {
            if (is_document(row)) continue;
            new_paths.insert(row.path);
            new_names.insert(row.name);
        }
    }
    RowsByName others;
    // Where all rows are new there is nothing to replace.
    if (new_paths.empty() || !is_there_more) return others;
    Texts met;  // one for every architecture is in each index
    for (const IndexPlan& index : plan.indexes) {
        for (const Row& row : index.change.rows) {
            if (!new_names.contains(row.name) || is_document(row)) continue;
            if (!new_paths.contains(row.path) && met.insert(row.path).second) {
                others.emplace(row.name, &row);
            }
        }
    }
    return others;
}

/// True if a site of one architecture sees both, and one could be installed for the other.
bool meet(const Format& format, const Row& a, const Row& b) {
    const std::string& every = format.every_architecture;
    return a.architecture == b.architecture || a.architecture == every || b.architecture == every;
}

/// False for a package that has another place by a change of the configuration.
bool comes_with(const std::vector<Move>& moves, const Row& added) {
    const std::vector<std::string> releases = split(added.releases, ",");
    return std::ranges::any_of(moves, [&](const Move& move) {
        return std::ranges::find(releases, move.release) != releases.end();
    });
}

Problem downgrade(const Repository& repository, const Row& added, const Row& newer) {
    return error_at(repository.path(), reason::downgrade,
                    fmt::format("{} {} is older than {}, which is there already", added.name,
                                added.version, newer.version),
                    "if it is meant, allow it with --allow-downgrade");
}

}  // namespace

Report find_replaced(RepositoryPlan& plan, const Format& format, const std::vector<Move>& moves) {
    for (IndexPlan& index : plan.indexes) index.replaces.resize(index.change.added.size());
    const RowsByName others = other_versions(plan);
    if (others.empty()) return {};
    const auto newer = [&](const Row& a, const Row& b) {
        return format.inspector->compare_versions(a.version, b.version) > 0;
    };
    Report downgrades;
    Texts met;
    for (IndexPlan& index : plan.indexes) {
        for (std::size_t i = 0; i < index.change.added.size(); ++i) {
            const Row& added = index.change.added[i];
            if (is_document(added)) continue;
            const bool is_told = !met.insert(added.path).second;
            const auto [begin, end] = others.equal_range(added.name);
            const Row* older = nullptr;
            for (auto other = begin; other != end; ++other) {
                const Row& row = *other->second;
                if (!meet(format, added, row)) continue;
                if (newer(row, added)) {
                    if (!is_told && comes_with(moves, added))
                        downgrades.push_back(downgrade(plan.repository, added, row));
                } else if (older == nullptr || newer(row, *older)) {
                    older = &row;
                }
            }
            if (older != nullptr) index.replaces[i] = std::string(older->version);
        }
    }
    return downgrades;
}

}  // namespace core
