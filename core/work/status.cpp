// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/status.hpp"

#include <fmt/format.h>

#include "core/work/client_files.hpp"
#include "core/work/commit.hpp"

namespace core {
namespace {

/// What commits would refuse.
void judge_clock(Status& status, Time now) {
    if (now + tolerated_adjustment >= status.date) return;
    status.problems.push_back("the clock stands before what is published, which was made at " +
                              format_time(status.date) +
                              ": nothing can be committed until it is set right");
}

void judge_validity(Status& status, Time now) {
    if (status.generation == 0) {
        status.warnings.emplace_back("nothing is published yet");
    } else if (status.valid_until && *status.valid_until <= now) {
        status.problems.emplace_back("published metadata has expired; run `sluice refresh`");
    } else if (status.valid_until && *status.valid_until - now < std::chrono::days(3)) {
        status.warnings.emplace_back(
            "published metadata expires in less than 3 days; run `sluice refresh`");
    }
}

void judge_depot_key(Status& status, const DepotKey& key, Time now) {
    if (!key.unusable.empty()) {
        status.problems.push_back("the depot's key cannot sign: " + key.unusable);
    } else if (key.expires && *key.expires - now < std::chrono::days(30)) {
        status.warnings.push_back("the depot's key expires at " + format_time(*key.expires));
    }
}

/// That another key signs from now on is a change of the configuration.
void judge_handed_out_key(Status& status, const State& state, const Configuration& configuration,
                          const DepotKey& key) {
    const auto made =
        state.handed_out.find(fmt::format("{}/{}", Layout::keys_name, ClientFiles::depot_key_file));
    if (made == state.handed_out.end() || !key.text || made->second == *key.text) return;
    if (configuration_of(state, configuration).signing_key != configuration.signing_key) return;
    status.warnings.push_back("the depot's key has changed (another expiry, say)" +
                              std::string(is_due));
}

void judge_changes(Status& status, const ConfigurationFindings& changes) {
    for (const std::string& text : changes.refused) {
        status.problems.push_back("sluice.toml: " + text);
    }
    status.warnings.insert(status.warnings.end(), changes.due.begin(), changes.due.end());
}

}  // namespace

Status status_of(const State& state, const Configuration& configuration, const DepotKey& key,
                 const Report& keys, const ConfigurationFindings& changes, Time now) {
    Status status;
    status.generation = state.generation;
    status.date = state.date;
    status.valid_until = first_expiry(state);
    status.repositories = state.repositories.size();
    for (const Stage& stage : configuration.stages) status.releases[stage.name] = 0;
    for (const auto& [release, stage] : state.standing) ++status.releases[stage];
    for (const auto& path : state.lost) {
        status.problems.push_back(fmt::format("{} {}", path.string(), is_lost));
    }
    judge_clock(status, now);
    judge_validity(status, now);
    judge_depot_key(status, key, now);
    judge_handed_out_key(status, state, configuration, key);
    judge_changes(status, changes);
    for (const Problem& problem : keys) {
        const bool red = problem.severity == Severity::error;
        (red ? status.problems : status.warnings).push_back(problem.where + ": " + problem.message);
    }
    return status;
}

}  // namespace core
