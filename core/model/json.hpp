// SPDX-License-Identifier: GPL-3.0-or-later
// JSON of the values that are kept on disk in several places. Private to core: others see text or
// values.
#pragma once

#include "core/model/fields.hpp"
#include "core/model/json_text.hpp"
#include "core/model/operation.hpp"
#include "core/model/package.hpp"
#include "core/model/problem.hpp"

namespace core {

/// One line, keys sorted, invalid UTF-8 replaced, and nothing in it that is not shown as it stands.
std::string dump(const Json& json);

inline void to_json(Json& json, Severity severity) {
    json = severity == Severity::error ? "error" : "warning";
}

inline void from_json(const Json& json, Severity& severity) {
    severity = json == "error" ? Severity::error : Severity::warning;
}

inline void to_json(Json& json, Verb verb) {
    json = name(verb);
}

inline void from_json(const Json& json, Verb& verb) {
    verb = verb_named(json.get_ref<const std::string&>());
}

void fields(auto& json, Of<Problem> auto& problem) {
    json.member("severity", problem.severity);
    json.member("code", problem.code);
    json.member("message", problem.message);
    json.unless_empty("where", problem.where);
    json.unless_empty("line", problem.line);
    json.unless_empty("column", problem.column);
    json.unless_empty("element", problem.element);
    json.unless_empty("remedy", problem.remedy);
}

void fields(auto& json, Of<Move> auto& move) {
    json.member("release", move.release);
    json.member("from", move.from);
    json.member("to", move.to);
}

void fields(auto& json, Of<Operation> auto& operation) {
    json.member("number", operation.number);
    json.member("verb", operation.verb);
    json.member("moves", operation.moves);
    json.member("by", operation.by);
    json.member("reason", operation.reason);
    json.member("cause", operation.cause);
    json.unless_empty("claims", operation.claims);
    json.unless_empty("waived_keys", operation.waived_keys);
    json.unless_empty("warnings", operation.warnings);
    json.unless_empty("configuration_changes", operation.configuration_changes);
    json.unless_empty("arrivals", operation.arrivals);
}

void fields(auto& json, Of<Remark> auto& remark) {
    json.member("kind", remark.kind);
    json.member("of", remark.of);
    json.unless_empty("more", remark.more);
}

void fields(auto& json, Of<Package> auto& package) {
    json.member("sha256", package.digest);
    json.member("size", package.size);
    json.member("format", package.format);
    json.member("name", package.name);
    json.member("epoch", package.epoch);
    json.member("version", package.version);
    json.member("release", package.release);
    json.member("architecture", package.architecture);
    json.member("every_architecture", package.every_architecture);
    json.member("source", package.source);
    json.member("component", package.component);
    json.member("path", package.path);
    json.member("platform", package.platform);
    json.member("signed_by", package.signed_by);
    json.unless_empty("signed_with", package.signed_with);
    json.unless_empty("remarks", package.remarks);
}

}  // namespace core
