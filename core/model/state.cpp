// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/state.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/layout.hpp"

namespace core {

/// As settings say it.
void to_json(Json& json, SignaturePolicy policy) {
    json = policy == SignaturePolicy::require;
}

void from_json(const Json& json, SignaturePolicy& policy) {
    policy = json.get<bool>() ? SignaturePolicy::require : SignaturePolicy::allow_unsigned;
}

void fields(auto& json, Of<Line> auto& line) {
    json.member("name", line.name);
    json.member("title", line.title);
    json.member("signed", line.signatures);
}

void fields(auto& json, Of<Platform> auto& platform) {
    json.member("name", platform.name);
    json.member("format", platform.format);
    json.member("architectures", platform.architectures);
    json.member("components", platform.components);
    json.member("xz", platform.xz);
    json.member("contents", platform.contents);
}

void fields(auto& json, Of<Stage> auto& stage) {
    json.member("name", stage.name);
    json.member("entry", stage.entry);
    json.member("enabled", stage.enabled);
    json.member("archive", stage.archive);
}

void fields(auto& json, Of<Configuration> auto& settings) {
    json.member("origin", settings.origin);
    json.member("public_url", settings.public_url);
    json.member("signing_key", settings.signing_key);
    json.member("lines", settings.lines);
    json.member("platforms", settings.platforms);
    json.member("stages", settings.stages);
}

namespace {

constexpr int oldest_format = 1;  // that is read

/// What follows from the path is not said.
Json json_of(const PublishedRepository& published) {
    Json json = {{"composed", published.composed},
                 {"form", published.form},
                 {"date", published.date},
                 {"valid_until", published.valid_until}};
    if (published.place != published.repository.place()) json["place"] = published.place;
    if (!published.carried.empty()) json["carried"] = published.carried;
    return json;
}

/// In format 1 repositories stand at their paths, and so they do where nothing else is said up to
/// format 3.
PublishedRepository published_of(const std::string& path, const Json& json, bool in_one_file) {
    PublishedRepository published;
    published.repository = repository_at(path);
    json.at("composed").get_to(published.composed);
    published.form = json.value("form", oldest_form);
    json.at("date").get_to(published.date);
    json.at("valid_until").get_to(published.valid_until);
    FieldReader reader(json);
    published.place = in_one_file ? path : published.repository.place();
    reader.unless_empty("place", published.place);
    reader.unless_empty("carried", published.carried);
    if (!in_one_file) return published;
    // As they were called up to format 2.
    for (const Json& file : json.value("lasting", Json::array())) published.carried.push_back(file);
    const Json superseded = json.value("superseded", Json::object());
    for (const auto& [file, since] : superseded.items()) published.carried.push_back(file);
    return published;
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
    FieldWriter writer(json);
    writer.unless_empty("generation", state.generation);
    writer.unless_empty("date", state.date);
    writer.unless_empty("made_with", state.made_with);
    writer.unless_empty("handed_out", state.handed_out);
    writer.unless_empty("standing", state.standing);
    writer.unless_empty("arrivals", state.arrivals);
    writer.unless_empty("closed", state.closed);
    for (const auto& [path, published] : state.repositories) {
        json["repositories"][path] = json_of(published);
    }
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
        FieldReader reader(json);
        reader.unless_empty("generation", state.generation);
        reader.unless_empty("date", state.date);
        if (!json.value("made_with", Json()).is_null()) {
            reader.unless_empty("made_with", state.made_with);
        }
        reader.unless_empty("handed_out", state.handed_out);
        reader.unless_empty("standing", state.standing);
        reader.unless_empty("arrivals", state.arrivals);
        reader.unless_empty("closed", state.closed);
        // Client files were in it up to format 2.
        std::erase_if(state.handed_out,
                      [](const auto& one) { return !one.first.starts_with(Layout::keys_name); });
        if (const auto found = json.find("repositories"); found != json.end()) {
            for (const auto& [path, published] : found->items()) {
                state.repositories[path] = published_of(path, published, state.in_one_file());
            }
        }
        return state;
    } catch (const Json::exception& error) {
        throw Error(std::string("state.json is damaged: ") + error.what());
    }
}

}  // namespace core
