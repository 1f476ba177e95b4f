// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/stage_rules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

std::string stage_of(const Standing& standing, const std::string& release) {
    const auto found = standing.find(release);
    return found == standing.end() ? std::string() : found->second;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

std::string described(const std::string& release, const std::string& stage,
                      const Departure& departure = {}) {
    if (!stage.empty()) return fmt::format("release {} stands in {}", release, stage);
    return fmt::format("release {} stands in no stage{}", release,
                       departure ? departure(release) : "");
}

/// Ids say less than names: "a-b" 1 and "a" "b-1" have the same one.
bool same_name(const ReleaseFacts& a, const ReleaseFacts& b) {
    return lower(a.product) == lower(b.product) && lower(a.version) == lower(b.version);
}

/// The releases that stand somewhere under the same product and version, in the same line.
std::vector<std::string> namesakes(const Standing& standing, const std::string& release,
                                   const ReleaseFacts& facts, const ReleaseLookup& lookup) {
    std::vector<std::string> found;
    // Every release of this name has an id that begins like this (core/model/release.hpp).
    const std::string stem = release.substr(0, release.find_first_of("@~"));
    for (auto one = standing.lower_bound(stem); one != standing.end(); ++one) {
        const std::string& id = one->first;
        if (!id.starts_with(stem)) break;
        if (id == release || id.substr(0, id.find_first_of("@~")) != stem) continue;
        const ReleaseFacts other = lookup(id);
        if (other.line == facts.line && same_name(other, facts)) found.push_back(id);
    }
    return found;
}

/// Of one product and version a line has one release at a time, wherever it stands.
void refuse_namesakes(const Standing& standing, const std::vector<Move>& moves,
                      const ReleaseLookup& lookup) {
    const Standing result = after(standing, moves);
    for (const Move& move : moves) {
        if (move.to.empty()) continue;
        const ReleaseFacts facts = lookup(move.release);
        for (const std::string& other : namesakes(result, move.release, facts, lookup)) {
            const std::string& stage = result.at(other);
            // Between stages a release may pass one that stands elsewhere, or neither could leave.
            if (!move.from.empty() && stage != move.to) continue;
            throw Refused(
                reason::already_released,
                fmt::format("{} cannot come to {}: {} is {} {} too, and stands in {}", move.release,
                            move.to, other, escaped(facts.product), escaped(facts.version), stage),
                "take one of the two back first, with `sluice reject`, or with `sluice "
                "rollback` without --stage");
        }
    }
}

Move promotion(const Standing& standing, const std::string& release, const Stage& to,
               const ReleaseLookup& lookup, const Departure& departure) {
    const ReleaseFacts facts = lookup(release);
    const std::string from = stage_of(standing, release);
    const bool in_emergency = facts.emergency && contains(to.emergency_from, from);
    if (!from.empty() && (contains(to.from, from) || in_emergency)) return {release, from, to.name};

    if (from == to.name) {
        throw Refused(reason::nothing_to_do, described(release, from) + " already");
    }
    std::string remedy = fmt::format("it can come to {} from: {}", to.name, join(to.from, ", "));
    if (!to.emergency_from.empty()) {
        remedy += fmt::format("; in an emergency also from: {}", join(to.emergency_from, ", "));
    }
    throw Refused(reason::wrong_stage, described(release, from, departure), remedy);
}

}  // namespace

ReleaseFacts facts_of(const Release& release) {
    return {release.product, release.version, release.line, release.emergency};
}

std::vector<Move> plan_promote(const Standing& standing, const Configuration& configuration,
                               const std::vector<std::string>& releases, std::string_view to,
                               const ReleaseLookup& lookup, const Departure& departure) {
    const Stage& target = configuration.stage(to);
    if (target.entry || target.archive) {
        throw Refused(reason::wrong_stage, "releases are not promoted to " + target.name,
                      target.entry ? "use `sluice admit`" : "use `sluice deprecate`");
    }
    std::vector<Move> moves;
    std::set<std::string> seen;
    for (const std::string& release : releases) {
        if (!seen.insert(release).second) continue;
        moves.push_back(promotion(standing, release, target, lookup, departure));
    }
    refuse_namesakes(standing, moves, lookup);
    return moves;
}

std::vector<Move> plan_reject(const Standing& standing, const Configuration& configuration,
                              const std::string& release, const Departure& departure) {
    const std::string from = stage_of(standing, release);
    if (from.empty()) throw Refused(reason::nothing_to_do, described(release, from, departure));
    if (!configuration.stage(from).rejectable) {
        throw Refused(reason::wrong_stage,
                      described(release, from) + "; it is too late to reject it",
                      "use `sluice deprecate` or `sluice rollback`");
    }
    return {{release, from, ""}};
}

std::vector<Move> plan_deprecate(const Standing& standing, const Configuration& configuration,
                                 const std::string& release, const Departure& departure) {
    const Stage& archive = configuration.archive_stage();
    const std::string from = stage_of(standing, release);
    if (from == archive.name)
        throw Refused(reason::nothing_to_do, described(release, from) + " already");
    if (from.empty() || !contains(archive.from, from)) {
        throw Refused(reason::wrong_stage, described(release, from, departure),
                      fmt::format("releases are deprecated from: {}", join(archive.from, ", ")));
    }
    return {{release, from, archive.name}};
}

std::vector<Move> plan_admit(const Standing& standing, const Configuration& configuration,
                             const std::string& release, const ReleaseFacts& facts,
                             const ReleaseLookup& lookup) {
    const Stage& entry = configuration.entry_stage();
    std::vector<Move> moves{{release, "", entry.name}};
    for (const std::string& id : namesakes(standing, release, facts, lookup)) {
        const std::string& stage = standing.at(id);
        if (stage != entry.name) {
            throw Refused(reason::already_released,
                          fmt::format("{} {} was admitted before and stands in {} as {}",
                                      escaped(facts.product), escaped(facts.version), stage, id),
                          "hand in the change under a new version");
        }
        moves.push_back({id, stage, ""});
    }
    return moves;
}

std::vector<Move> plan_rollback(const Standing& now, const Standing& then,
                                const std::optional<std::string>& stage,
                                const ReleaseLookup& lookup) {
    std::vector<Move> moves;
    const auto consider = [&](const std::string& release) {
        const std::string from = stage_of(now, release);
        const std::string to = stage_of(then, release);
        if (from != to && (!stage || from == *stage || to == *stage)) {
            moves.push_back({release, from, to});
        }
    };
    for (const auto& [release, unused] : now) consider(release);
    for (const auto& [release, unused] : then) {
        if (!now.contains(release)) consider(release);
    }
    refuse_namesakes(now, moves, lookup);
    return moves;
}

}  // namespace core
