// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/json.hpp"

namespace core {
namespace {

constexpr int format = 1;

Json json_of(const PublishedRepository& published) {
    Json superseded = Json::object();
    for (const auto& [file, since] : published.superseded) superseded[file] = format_time(since);
    const Repository& repository = published.repository;
    return {{"stage", repository.stage},
            {"line", repository.line},
            {"release", repository.release},
            {"platform", repository.platform},
            {"tree", repository.tree},
            {"composed", published.composed},
            {"lasting", published.lasting},
            {"superseded", superseded},
            {"date", format_time(published.date)},
            {"valid_until", format_time(published.valid_until)}};
}

PublishedRepository published_of(const Json& json) {
    PublishedRepository published;
    published.repository = {json.at("stage"), json.at("line"), json.at("release"),
                            json.at("platform"), json.at("tree")};
    published.composed = json.at("composed");
    published.date = parse_time(json.at("date").get<std::string>());
    published.valid_until = parse_time(json.at("valid_until").get<std::string>());
    published.lasting = json.at("lasting").get<std::vector<std::string>>();
    for (const auto& [file, since] : json.at("superseded").items()) {
        published.superseded[file] = parse_time(since.get<std::string>());
    }
    return published;
}

}  // namespace

std::optional<Time> first_expiry(const State& state) {
    std::optional<Time> first;
    for (const auto& [path, published] : state.repositories) {
        first = std::min(first.value_or(Time::max()), published.valid_until);
    }
    return first;
}

std::string to_json(const State& state) {
    Json repositories = Json::object();
    for (const auto& [path, published] : state.repositories)
        repositories[path] = json_of(published);
    Json handed_out = Json::object();
    for (const auto& [file, digest] : state.handed_out) handed_out[file] = digest.hex();
    return dump({{"format", format},
                 {"handed_out", handed_out},
                 {"generation", state.generation},
                 {"date", format_time(state.date)},
                 {"standing", state.standing},
                 {"repositories", repositories}}) +
           "\n";
}

State state_from_json(std::string_view text) {
    const Json json = parse_json(text, "state.json");
    try {
        if (json.at("format") != format)
            throw Error("state.json is of a format this sluice cannot read");
        State state;
        state.generation = json.at("generation");
        state.date = parse_time(json.at("date").get<std::string>());
        state.standing = json.at("standing").get<Standing>();
        for (const auto& [path, published] : json.at("repositories").items()) {
            state.repositories[path] = published_of(published);
        }
        const Json handed_out = json.value("handed_out", Json::object());
        for (const auto& [file, digest] : handed_out.items()) {
            state.handed_out[file] = Digest::parse(digest.get<std::string>());
        }
        return state;
    } catch (const Json::exception& error) {
        throw Error(std::string("state.json is damaged: ") + error.what());
    }
}

}  // namespace core
