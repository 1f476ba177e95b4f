// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/json.hpp"

#include "core/model/error.hpp"

namespace core {

Json parse_json(std::string_view text, std::string_view what) {
    try {
        return Json::parse(text);
    } catch (const Json::exception& error) {
        throw Error(std::string(what) + " is damaged: " + error.what());
    }
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Problem& problem) {
    Json json{{"severity", problem.severity == Severity::error ? "error" : "warning"},
              {"code", problem.code},
              {"message", problem.message}};
    if (!problem.where.empty()) json["where"] = problem.where;
    if (problem.line > 0) json["line"] = problem.line;
    if (problem.column > 0) json["column"] = problem.column;
    if (!problem.element.empty()) json["element"] = problem.element;
    if (!problem.remedy.empty()) json["remedy"] = problem.remedy;
    return json;
}

Problem problem_of(const Json& json) {
    Problem problem;
    problem.severity = json.at("severity") == "error" ? Severity::error : Severity::warning;
    problem.code = json.at("code");
    problem.message = json.at("message");
    problem.where = json.value("where", "");
    problem.line = json.value("line", 0);
    problem.column = json.value("column", 0);
    problem.element = json.value("element", "");
    problem.remedy = json.value("remedy", "");
    return problem;
}

Json json_of(const Operation& operation) {
    Json moves = Json::array();
    for (const Move& move : operation.moves) {
        moves.push_back({{"release", move.release}, {"from", move.from}, {"to", move.to}});
    }
    Json json{
        {"number", operation.number}, {"verb", name(operation.verb)}, {"moves", moves},
        {"by", operation.by},         {"reason", operation.reason},   {"cause", operation.cause}};
    if (!operation.claims.empty()) json["claims"] = operation.claims;
    if (!operation.waived_keys.empty()) json["waived_keys"] = operation.waived_keys;
    if (!operation.warnings.empty()) json["warnings"] = operation.warnings;
    if (!operation.configuration_changes.empty()) {
        json["configuration_changes"] = operation.configuration_changes;
    }
    if (operation.arrivals) json["arrivals"] = *operation.arrivals;
    return json;
}

Operation operation_of(const Json& json) {
    Operation operation;
    operation.number = json.at("number");
    operation.verb = verb_named(json.at("verb").get<std::string>());
    for (const Json& move : json.at("moves")) {
        operation.moves.push_back({move.at("release"), move.at("from"), move.at("to")});
    }
    operation.by = json.at("by");
    operation.reason = json.at("reason");
    operation.cause = json.at("cause");
    operation.claims = json.value("claims", operation.claims);
    operation.waived_keys = json.value("waived_keys", operation.waived_keys);
    operation.warnings = json.value("warnings", operation.warnings);
    operation.configuration_changes =
        json.value("configuration_changes", operation.configuration_changes);
    if (json.contains("arrivals")) operation.arrivals = json.at("arrivals").get<Arrivals>();
    return operation;
}

Json json_of(const Package& package) {
    Json json{{"sha256", package.digest.hex()},
              {"size", package.size},
              {"format", package.format},
              {"name", package.name},
              {"epoch", package.epoch},
              {"version", package.version},
              {"release", package.release},
              {"architecture", package.architecture},
              {"every_architecture", package.every_architecture},
              {"source", package.source},
              {"component", package.component},
              {"path", package.path},
              {"platform", package.platform},
              {"signed_by", package.signed_by}};
    if (!package.signed_with.empty()) json["signed_with"] = package.signed_with;
    return json;
}

Package package_of(const Json& json) {
    Package package;
    package.digest = Digest::parse(json.at("sha256").get<std::string>());
    package.size = json.at("size");
    package.format = json.at("format");
    package.name = json.at("name");
    package.epoch = json.at("epoch");
    package.version = json.at("version");
    package.release = json.at("release");
    package.architecture = json.at("architecture");
    package.every_architecture = json.at("every_architecture");
    package.source = json.at("source");
    package.component = json.at("component");
    package.path = json.at("path");
    package.platform = json.at("platform");
    package.signed_by = json.at("signed_by");
    package.signed_with = json.value("signed_with", "");
    return package;
}

}  // namespace core
