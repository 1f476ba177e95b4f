// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state_files.hpp"

#include <fmt/format.h>
#include <tuple>
#include <vector>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr const char* state_file = "state.json";

/// A loss would be taken for releases that stand nowhere, so the first file says how many there
/// are.
Json counts_of(const State& state) {
    return {{"standing", state.standing.size()}, {"arrivals", state.arrivals.size()}};
}

State part_in(const fs::path& directory) {
    const fs::path file = directory / state_file;
    return with_context(file.string(), [&] { return state_from_json(read_file(file)); });
}

void merge(State& state, State part) {
    state.standing.merge(part.standing);
    state.arrivals.merge(part.arrivals);
    state.repositories.merge(part.repositories);
    state.closed.merge(part.closed);
}

/// What is in a directory but for files: links to directories are directories too.
std::vector<fs::path> directories_in(const fs::path& directory) {
    std::vector<fs::path> found;
    for (Entry& entry : entries(directory)) {
        if (entry.kind != Kind::file) found.push_back(std::move(entry.path));
    }
    return found;
}

}  // namespace

std::string state_directory(const std::string& release) {
    const std::string hash = sha256(release).hex();
    return fmt::format("{}/{}/{}", Layout::state_name, hash[0], hash[1]);
}

std::string part_directory(const Repository& repository) {
    if (!repository.release.empty()) return state_directory(repository.release);
    return repository.stage + "/" + repository.line;
}

std::map<std::string, State> parts_of(const State& state) {
    std::map<std::string, State> parts;
    for (const auto& [id, stage] : state.standing) parts[state_directory(id)].standing[id] = stage;
    for (const auto& [id, arrival] : state.arrivals) {
        parts[state_directory(id)].arrivals[id] = arrival;
    }
    for (const auto& [path, published] : state.repositories) {
        parts[part_directory(published.repository)].repositories[path] = published;
    }
    for (const auto& [path, since] : state.closed) {
        parts[state_directory(release_of(path))].closed[path] = since;
    }
    return parts;
}

void write_part(const State& part, const fs::path& directory) {
    make_directories(directory);
    write_file(directory / state_file, to_json(part));
}

void write_first_part(const State& state, const fs::path& generation) {
    State first;
    std::tie(first.generation, first.date, first.handed_out, first.made_with) =
        std::tie(state.generation, state.date, state.handed_out, state.made_with);
    Json json = Json::parse(to_json(first));
    json["counts"] = counts_of(state);
    write_file(generation / state_file, dump(json) + "\n");
}

State read_state(const Layout& layout, std::uint64_t generation) {
    const fs::path directory = layout.generation(generation);
    State state = part_in(directory);
    if (state.generation != generation) {
        throw Error((directory / state_file).string() + " is of another generation");
    }
    if (state.in_one_file()) return state;
    const fs::path releases = directory / Layout::state_name;
    for (const Entry& top : entries(releases, Absent::is_empty)) {
        for (const fs::path& part : directories_in(top.path)) merge(state, part_in(part));
    }
    for (const fs::path& stage : directories_in(directory)) {
        if (stage.filename() == Layout::keys_name || stage.filename() == Layout::state_name)
            continue;
        // What is damaged or missing of lines is made anew from what stands; verify tells of it.
        if (kind_of(stage) != Kind::directory) continue;
        for (const fs::path& line : directories_in(stage)) {
            if (is_file(line / state_file)) merge(state, part_in(line));
        }
    }
    const Json first = parse_json(read_file(directory / state_file), state_file);
    if (first.value("counts", Json()) != counts_of(state)) {
        throw Error("a part of the state is missing in " + directory.string());
    }
    return state;
}

}  // namespace core
