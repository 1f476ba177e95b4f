// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/state.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/layout.hpp"

namespace core {
namespace {

constexpr int oldest_format = 1;  // that is read

Json json_of(const std::map<std::string, Time>& times) {
    Json json = Json::object();
    for (const auto& [path, time] : times) json[path] = format_time(time);
    return json;
}

std::map<std::string, Time> times_of(const Json& json) {
    std::map<std::string, Time> times;
    for (const auto& [path, time] : json.items()) times[path] = parse_time(time.get<std::string>());
    return times;
}

Json json_of(const PublishedRepository& published) {
    const Repository& repository = published.repository;
    Json json = {{"stage", repository.stage},
                 {"line", repository.line},
                 {"release", repository.release},
                 {"platform", repository.platform},
                 {"tree", repository.tree},
                 {"place", published.place},
                 {"composed", published.composed},
                 {"form", published.form},
                 {"date", format_time(published.date)},
                 {"valid_until", format_time(published.valid_until)}};
    if (!published.carried.empty()) json["carried"] = published.carried;
    return json;
}

PublishedRepository published_of(const Json& json) {
    PublishedRepository published;
    published.repository = {json.at("stage"), json.at("line"), json.at("release"),
                            json.at("platform"), json.at("tree")};
    published.composed = json.at("composed");
    published.form = json.value("form", oldest_form);
    published.date = parse_time(json.at("date").get<std::string>());
    published.valid_until = parse_time(json.at("valid_until").get<std::string>());
    published.place = json.value("place", published.repository.path());
    published.carried = json.value("carried", std::vector<std::string>());
    // As they were called up to format 2.
    for (const Json& file : json.value("lasting", Json::array())) {
        published.carried.push_back(file);
    }
    const Json superseded = json.value("superseded", Json::object());
    for (const auto& [file, since] : superseded.items()) published.carried.push_back(file);
    return published;
}

Json json_of(const Configuration& settings) {
    Json lines = Json::array(), platforms = Json::array(), stages = Json::array();
    for (const Line& line : settings.lines) {
        lines.push_back({{"name", line.name},
                         {"title", line.title},
                         {"signed", line.signatures == SignaturePolicy::require}});
    }
    for (const Platform& platform : settings.platforms) {
        platforms.push_back({{"name", platform.name},
                             {"format", platform.format},
                             {"architectures", platform.architectures},
                             {"components", platform.components},
                             {"xz", platform.xz},
                             {"contents", platform.contents}});
    }
    for (const Stage& stage : settings.stages) {
        stages.push_back({{"name", stage.name},
                          {"entry", stage.entry},
                          {"enabled", stage.enabled},
                          {"archive", stage.archive}});
    }
    return {{"origin", settings.origin},
            {"public_url", settings.public_url},
            {"signing_key", settings.signing_key},
            {"lines", lines},
            {"platforms", platforms},
            {"stages", stages}};
}

Configuration settings_of(const Json& json) {
    Configuration settings;
    settings.origin = json.at("origin");
    settings.public_url = json.at("public_url");
    settings.signing_key = json.at("signing_key");
    for (const Json& one : json.at("lines")) {
        settings.lines.push_back({one.at("name"), one.at("title"),
                                  one.at("signed").get<bool>() ? SignaturePolicy::require
                                                               : SignaturePolicy::allow_unsigned});
    }
    for (const Json& one : json.at("platforms")) {
        Platform& platform = settings.platforms.emplace_back();
        platform.name = one.at("name");
        platform.format = one.at("format");
        platform.architectures = one.at("architectures").get<std::vector<std::string>>();
        platform.components = one.at("components").get<std::vector<std::string>>();
        platform.xz = one.at("xz");
        platform.contents = one.at("contents");
    }
    for (const Json& one : json.at("stages")) {
        Stage& stage = settings.stages.emplace_back();
        stage.name = one.at("name");
        stage.entry = one.at("entry");
        stage.enabled = one.at("enabled");
        stage.archive = one.at("archive");
    }
    return settings;
}

}  // namespace

std::string client_directory(const State& state, const PublishedRepository& published) {
    if (state.client_files_apart()) return std::string(Layout::client_files_name);
    std::filesystem::path directory = std::filesystem::path(published.place).parent_path();
    if (!published.repository.tree.empty()) directory = directory.parent_path();
    return directory.native();
}

std::optional<Time> first_expiry(const State& state) {
    std::optional<Time> first;
    for (const auto& [path, published] : state.repositories) {
        first = std::min(first.value_or(Time::max()), published.valid_until);
    }
    return first;
}

std::string to_json(const State& state) {
    Json json = {{"format", newest_state_format}};
    if (state.generation != 0) json["generation"] = state.generation;
    if (state.date != Time()) json["date"] = format_time(state.date);
    if (state.made_with) json["made_with"] = json_of(*state.made_with);
    for (const auto& [file, digest] : state.handed_out) json["handed_out"][file] = digest.hex();
    if (!state.standing.empty()) json["standing"] = state.standing;
    if (!state.arrivals.empty()) json["arrivals"] = state.arrivals;
    for (const auto& [path, published] : state.repositories) {
        json["repositories"][path] = json_of(published);
    }
    if (!state.closed.empty()) json["closed"] = json_of(state.closed);
    return dump(json) + "\n";
}

State state_from_json(std::string_view text) {
    const Json json = parse_json(text, "state.json");
    try {
        State state;
        state.format = json.at("format");
        if (state.format > newest_state_format) {
            throw Error("state.json is of format " + std::to_string(state.format) +
                        ", which a newer sluice has written; this one reads up to " +
                        std::to_string(newest_state_format));
        }
        if (state.format < oldest_format) throw Error("state.json is of no known format");
        if (state.in_one_file()) {
            // Nothing was left out then.
            for (const char* member : {"generation", "date", "standing", "repositories"}) {
                json.at(member);
            }
        }
        state.generation = json.value("generation", std::uint64_t{0});
        if (json.contains("date")) state.date = parse_time(json.at("date").get<std::string>());
        // Not by value(): it copies, and there may be thousands of repositories.
        const auto member = [&](const char* name) -> const Json& {
            static const Json nothing = Json::object();
            const auto found = json.find(name);
            return found == json.end() ? nothing : *found;
        };
        state.standing = member("standing").get<Standing>();
        state.arrivals = member("arrivals").get<Arrivals>();
        for (const auto& [path, published] : member("repositories").items()) {
            state.repositories[path] = published_of(published);
        }
        for (const auto& [file, digest] : member("handed_out").items()) {
            if (!file.starts_with(Layout::keys_name)) continue;  // client files: up to format 2
            state.handed_out[file] = Digest::parse(digest.get<std::string>());
        }
        state.closed = times_of(member("closed"));
        if (const Json made_with = json.value("made_with", Json()); !made_with.is_null()) {
            state.made_with = settings_of(made_with);
        }
        return state;
    } catch (const Json::exception& error) {
        throw Error(std::string("state.json is damaged: ") + error.what());
    }
}

}  // namespace core
