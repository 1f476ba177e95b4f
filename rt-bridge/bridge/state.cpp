// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/state.hpp"

#include <algorithm>
#include <array>

#include "core/model/error.hpp"
#include "core/model/fields.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace bridge {

using core::from_json;  // NOLINT(misc-unused-using-decls): by argument-dependent lookup
using core::Json, core::Of;
using core::to_json;

constexpr int format_version = 1;

namespace {

constexpr std::array<std::string_view, 4> kinds{"action", "mended", "follow", "created"};

}  // namespace

void to_json(Json& json, Request::Kind kind) {
    json = kinds[static_cast<std::size_t>(kind)];
}

void from_json(const Json& json, Request::Kind& kind) {
    const auto found = std::ranges::find(kinds, json.get_ref<const std::string&>());
    if (found == kinds.end()) throw core::Error("there is no such kind of request");
    kind = static_cast<Request::Kind>(found - kinds.begin());
}

void fields(auto& json, Of<Answer> auto& answer) {
    json.member("comment", answer.comment);
    json.member("failed", answer.failed);
    json.member("fields", answer.update.fields);
    json.unless_empty("group", answer.update.group);
}

void fields(auto& json, Of<Request> auto& request) {
    json.member("ticket", request.ticket);
    json.member("transaction", request.transaction);
    json.member("attempt", request.attempt);
    json.member("kind", request.kind);
    json.member("action", request.action);
    json.member("by", request.by);
    json.unless_empty("retried", request.retried);
    json.unless_empty("begun", request.begun);
    json.unless_empty("answer", request.answer);
}

void fields(auto& json, Of<TicketMemory> auto& memory) {
    json.member("release", memory.release);
    json.unless_empty("failed", memory.failed);
}

void fields(auto& json, Of<State> auto& state) {
    json.member("cursor", state.cursor);
    json.member("seen", state.seen);
    json.member("followed", state.followed);
    json.member("open", state.open);
}

bool is_open(const State& state, rt::TicketId ticket) {
    return std::ranges::find(state.open, ticket, &Request::ticket) != state.open.end();
}

bool can_retry(const State& state, rt::TicketId ticket) {
    const auto memory = state.tickets.find(ticket);
    const bool failed = memory != state.tickets.end() && memory->second.failed;
    return failed || is_open(state, ticket);
}

std::string to_json(const State& state) {
    Json json;
    to_json(json, state);
    json["format"] = format_version;
    Json& tickets = json["tickets"] = Json::array();
    for (const auto& [id, memory] : state.tickets) {
        if (memory.empty()) continue;
        tickets.push_back(memory);
        tickets.back()["ticket"] = id;
    }
    return core::escaped_json(json.dump(1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

State state_from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        if (json.at("format") != format_version) throw core::Error("made by another version");
        auto state = json.get<State>();
        for (const Json& one : json.at("tickets")) one.get_to(state.tickets[one.at("ticket")]);
        return state;
    } catch (const Json::exception& error) {
        throw core::Error(error.what());
    }
}

std::optional<State> StateFile::load() const {
    if (!core::status_of(file_)) return std::nullopt;
    return core::with_context(file_.string(),
                              [&] { return state_from_json(core::read_file(file_)); });
}

void StateFile::save(const State& state) {
    core::write_file(file_, to_json(state), true);
}

}  // namespace bridge
