// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/state.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace bridge {
namespace {

using nlohmann::json;

constexpr int format_version = 1;
constexpr std::array<std::string_view, 4> kinds{"action", "mended", "follow", "created"};

Request::Kind kind_named(const std::string& name) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds[i] == name) return static_cast<Request::Kind>(i);
    }
    throw core::Error("there is no kind of request called " + name);
}

json json_of(const Answer& answer) {
    json object{
        {"comment", answer.comment}, {"failed", answer.failed}, {"fields", answer.update.fields}};
    if (answer.update.group) object["group"] = *answer.update.group;
    return object;
}

Answer answer_of(const json& object) {
    Answer answer;
    answer.comment = object.at("comment");
    answer.failed = object.at("failed");
    answer.update.fields = object.at("fields");
    if (object.contains("group")) answer.update.group = object["group"].get<std::string>();
    return answer;
}

json json_of(const Request& request) {
    json object{
        {"ticket", request.ticket},   {"transaction", request.transaction},
        {"attempt", request.attempt}, {"kind", kinds[static_cast<std::size_t>(request.kind)]},
        {"action", request.action},   {"by", request.by},
        {"retried", request.retried}, {"begun", request.begun}};
    if (request.answer) object["answer"] = json_of(*request.answer);
    return object;
}

Request request_of(const json& object) {
    Request request;
    request.ticket = object.at("ticket");
    request.transaction = object.at("transaction");
    request.attempt = object.at("attempt");
    request.kind = kind_named(object.at("kind"));
    request.action = object.at("action");
    request.by = object.at("by");
    request.retried = object.value("retried", rt::TransactionId{0});
    request.begun = object.value("begun", 0);
    if (object.contains("answer")) request.answer = answer_of(object["answer"]);
    return request;
}

json json_of(rt::TicketId id, const TicketMemory& memory) {
    json object{{"ticket", id}, {"release", memory.release}};
    if (memory.failed) object["failed"] = json_of(*memory.failed);
    return object;
}

State state_of(const json& object) {
    if (object.at("format") != format_version) throw core::Error("made by another version");
    State state;
    state.cursor = object.at("cursor");
    state.seen = object.at("seen").get<std::set<rt::TransactionId>>();
    state.followed = object.at("followed");
    for (const json& one : object.at("open")) state.open.push_back(request_of(one));
    for (const json& one : object.at("tickets")) {
        TicketMemory& memory = state.tickets[one.at("ticket")];
        memory.release = one.at("release");
        if (one.contains("failed")) memory.failed = request_of(one["failed"]);
    }
    return state;
}

}  // namespace

bool is_open(const State& state, rt::TicketId ticket) {
    return std::ranges::find(state.open, ticket, &Request::ticket) != state.open.end();
}

bool can_retry(const State& state, rt::TicketId ticket) {
    const auto memory = state.tickets.find(ticket);
    const bool failed = memory != state.tickets.end() && memory->second.failed;
    return failed || is_open(state, ticket);
}

std::string to_json(const State& state) {
    json open = json::array();
    for (const Request& request : state.open) open.push_back(json_of(request));
    json tickets = json::array();
    for (const auto& [id, memory] : state.tickets) {
        if (!memory.empty()) tickets.push_back(json_of(id, memory));
    }
    const json object{{"format", format_version},   {"cursor", state.cursor}, {"seen", state.seen},
                      {"followed", state.followed}, {"open", open},           {"tickets", tickets}};
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

State state_from_json(std::string_view text) {
    try {
        return state_of(json::parse(text));
    } catch (const json::exception& error) {
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
