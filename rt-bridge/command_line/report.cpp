// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <unordered_set>

#include "core/model/text.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/terminal.hpp"

namespace command_line {
namespace {

std::string label(const core::Row& row) {
    return core::escaped(fmt::format("{} {} {}", row.name, row.version,
                                     row.architecture.empty() ? "(advisory)" : row.architecture));
}

Json row_json(const core::Row& row) {
    return {{"name", row.name},
            {"version", row.version},
            {"architecture", row.architecture},
            {"path", row.path},
            {"sha256", row.digest.hex()}};
}

bool changes(const core::RepositoryPlan& plan) {
    for (const core::IndexPlan& index : plan.indexes) {
        if (!index.change.added.empty() || !index.change.removed.empty()) return true;
    }
    return plan.created;
}

/// Adds the packages among the rows; one for every architecture is in several indexes of apt.
void add_packages(std::unordered_set<std::string_view>& paths, const core::Rows& rows) {
    for (const core::Row& row : rows) {
        if (!row.architecture.empty()) paths.emplace(row.path);
    }
}

/// What comes in and goes out, a line each. A package for every architecture is in several indexes
/// of apt, but said once.
std::string details_of(const core::RepositoryPlan& plan) {
    std::string text;
    std::set<std::string> added, removed;
    for (const core::IndexPlan& index : plan.indexes) {
        for (std::size_t i = 0; i < index.change.added.size(); ++i) {
            const core::Row& row = index.change.added[i];
            if (!added.emplace(row.path).second) continue;
            text += "    + " + label(row);
            if (!index.replaces[i].empty()) {
                text += "  (newer than " + core::escaped(index.replaces[i]) + ")";
            }
            text += "\n";
        }
        for (const core::Row& row : index.change.removed) {
            if (removed.emplace(row.path).second) text += "    - " + label(row) + "\n";
        }
    }
    return text;
}

}  // namespace

Json json_of(const core::Problem& problem) {
    return {{"severity", problem.severity == core::Severity::error ? "error" : "warning"},
            {"code", problem.code},
            {"where", problem.where},
            {"line", problem.line},
            {"column", problem.column},
            {"element", problem.element},
            {"message", problem.message},
            {"remedy", problem.remedy}};
}

Json json_of(const core::Report& report) {
    Json json = Json::array();
    for (const core::Problem& problem : report) json.push_back(json_of(problem));
    return json;
}

Json json_of(const core::Plan& plan) {
    Json moves = Json::array();
    for (const core::Move& move : plan.operation.moves) {
        moves.push_back({{"release", move.release}, {"from", move.from}, {"to", move.to}});
    }
    Json repositories = Json::array();
    for (const core::RepositoryPlan& repository : plan.composed) {
        if (!changes(repository)) continue;
        Json added = Json::array(), removed = Json::array();
        for (const core::IndexPlan& index : repository.indexes) {
            for (std::size_t i = 0; i < index.change.added.size(); ++i) {
                added.push_back(row_json(index.change.added[i]));
                added.back()["replaces"] = index.replaces[i];
            }
            for (const core::Row& row : index.change.removed) removed.push_back(row_json(row));
        }
        repositories.push_back({{"repository", repository.repository.path()},
                                {"created", repository.created},
                                {"added", added},
                                {"removed", removed}});
    }
    Json gone = Json::array();
    for (const core::Repository& repository : plan.removed) gone.push_back(repository.path());
    return {{"hash", plan.hash().hex()},
            {"moves", moves},
            {"claims", plan.operation.claims},
            {"configuration_changes", plan.operation.configuration_changes},
            {"warnings", json_of(plan.warnings)},
            {"repositories", repositories},
            {"repositories_removed", gone}};
}

Json json_of(const core::Outcome& outcome) {
    return {{"done", outcome.done},
            {"operation", outcome.done ? Json(outcome.plan.operation.number) : Json()},
            {"generation", outcome.state.generation},
            {"warnings", json_of(outcome.plan.warnings)},
            {"plan", json_of(outcome.plan)}};
}

Json json_of(const core::Refused& refused) {
    return {{"error", "refused"},
            {"code", refused.code()},
            {"message", refused.what()},
            {"remedy", refused.remedy()},
            {"problems", json_of(refused.report())}};
}

std::string text_of(const core::Report& report) {
    std::string text;
    for (const core::Problem& problem : report) text += core::describe(problem) + "\n";
    return text;
}

std::string text_of(const core::Plan& plan, bool details) {
    std::string text;
    for (const core::Move& move : plan.operation.moves) {
        text +=
            fmt::format("  {}: {} -> {}\n", move.release, move.from.empty() ? "(new)" : move.from,
                        move.to.empty() ? "(nowhere)" : move.to);
    }
    for (const auto& [name, provider] : plan.operation.claims) {
        text += fmt::format("  {}: now of {}\n", name, provider);
    }
    for (const std::string& change : plan.operation.configuration_changes) {
        text += fmt::format("  configuration: {}\n", core::escaped(change));
    }
    for (const core::RepositoryPlan& repository : plan.composed) {
        if (!changes(repository)) continue;
        std::unordered_set<std::string_view> added, removed;
        for (const core::IndexPlan& index : repository.indexes) {
            add_packages(added, index.change.added);
            add_packages(removed, index.change.removed);
        }
        text += fmt::format("  {}: {} in, {} out{}\n{}", repository.repository.path(), added.size(),
                            removed.size(), repository.created ? " (new repository)" : "",
                            details ? details_of(repository) : "");
    }
    for (const core::Repository& repository : plan.removed) {
        text += fmt::format("  {}: closed\n", repository.path());
    }
    for (const core::Problem& warning : plan.warnings)
        text += "  " + core::describe(warning) + "\n";
    return text;
}

std::string text_of(const core::Refused& refused) {
    const core::Report& report = refused.report();
    if (report.size() == 1) return "sluice: refused: " + core::describe(report.front()) + "\n";
    const auto errors = std::ranges::count(report, core::Severity::error, &core::Problem::severity);
    return text_of(report) +
           "sluice: refused: " + counted(static_cast<std::size_t>(errors), "error") + " [" +
           refused.code() + "]\n";
}

void print(const Json& json) {
    write_stdout(core::escaped_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) +
                 "\n");
}

}  // namespace command_line
