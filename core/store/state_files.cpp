// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/state_files.hpp"

#include <fmt/format.h>
#include <tuple>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr const char* state_file = "state.json";

/// A loss would be taken for releases that stand nowhere, so the first file says how many there
/// are.
Json counts_of(const State& state) {
    return {{"standing", state.standing.size()},
            {"arrivals", state.arrivals.size()},
            {"repositories", state.repositories.size()}};
}

constexpr std::string_view sum_key = R"(,"sum":")";

/// What is written: an object with the digest of all before it as its last member.
std::string sealed(std::string_view open) {
    return fmt::format("{}{}{}\"}}\n", open, sum_key, sha256(open).hex());
}

/// The object without its end, so that members can follow.
std::string opened(const State& part) {
    std::string text = to_json(part);
    text.resize(text.rfind('}'));
    return text;
}

State part_from(std::string_view text) {
    State part = state_from_json(text);
    if (!part.in_one_file() && sealed(text.substr(0, text.rfind(sum_key))) != text) {
        throw Error("state.json is damaged: it is not what was written");
    }
    return part;
}

/// Nothing else has what it said, but for copies.
Error lost_for_good(const std::string& what) {
    return Error(what + " (if it is lost, put it back from a backup, or a mirror of public/)");
}

struct ReadPart {
    State state;
    std::string text;
};

ReadPart part_in(const fs::path& file) {
    try {
        std::string text = read_file(file);
        State state = with_context(file.string(), [&] { return part_from(text); });
        return {std::move(state), std::move(text)};
    } catch (const Error& error) {
        throw lost_for_good(error.what());
    }
}

void merge(State& state, State part) {
    state.standing.merge(part.standing);
    state.arrivals.merge(part.arrivals);
    state.repositories.merge(part.repositories);
    state.closed.merge(part.closed);
}

/// What is damaged of lines is made anew from what stands.
void merge_line(State& state, const fs::path& file) {
    if (!is_file(file)) return state.lost.push_back(file);
    const std::string text = read_file(file);
    try {
        merge(state, part_from(text));
    } catch (const Error&) {
        state.lost.push_back(file);
    }
}

/// What is in a directory but for files: links to directories are directories too.
std::vector<fs::path> directories_in(const fs::path& directory) {
    std::vector<fs::path> found;
    for (Entry& entry : entries(directory)) {
        if (entry.kind != Kind::file) found.push_back(std::move(entry.path));
    }
    return found;
}

/// `first` is the text of the generation's own part.
void expect_counts(State& state, std::string_view first, const fs::path& generation) {
    const Json found = counts_of(state);
    const Json made = parse_json(first, state_file).value("counts", Json::object());
    const auto differs = [&](const char* what) {
        return made.value(what, Json()) != found.at(what);
    };
    if (differs("standing") || differs("arrivals")) {
        throw lost_for_good("a part of the state is missing in " +
                            (generation / Layout::state_name).string());
    }
    if (differs("repositories") && state.lost.empty()) state.lost.push_back(generation);
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

File write_part(const State& part, const fs::path& directory) {
    make_directories(directory);
    return written_file(directory / state_file, sealed(opened(part)));
}

File write_first_part(const State& state, const fs::path& generation) {
    State first;
    std::tie(first.generation, first.date, first.handed_out, first.made_with) =
        std::tie(state.generation, state.date, state.handed_out, state.made_with);
    return written_file(
        generation / state_file,
        sealed(fmt::format(R"({},"counts":{})", opened(first), dump(counts_of(state)))));
}

State read_state(const Layout& layout, std::uint64_t generation) {
    const fs::path directory = layout.generation(generation);
    auto [state, first] = part_in(directory / state_file);
    if (state.generation != generation) {
        throw Error((directory / state_file).string() + " is of another generation");
    }
    if (state.in_one_file()) return std::move(state);
    std::vector<fs::path> files;
    for (const Entry& top : entries(directory / Layout::state_name, Absent::is_empty)) {
        for (const fs::path& part : directories_in(top.path)) files.push_back(part / state_file);
    }
    std::vector<State> parts(files.size());
    parallel_for(files.size(), [&](std::size_t i) { parts[i] = part_in(files[i]).state; });
    for (State& part : parts) merge(state, std::move(part));
    const Configuration made = state.made_with.value_or(Configuration());
    for (const Stage& stage : made.stages) {
        for (const Line& line : made.lines) {
            merge_line(state, directory / stage.name / line.name / state_file);
        }
    }
    if (kind_of(directory / Layout::keys_name) != Kind::directory) {
        state.lost.push_back(directory / Layout::keys_name);
    }
    expect_counts(state, first, directory);
    return std::move(state);  // a structured binding is not moved by itself
}

Time date_of(const Layout& layout, std::uint64_t generation) {
    return part_in(layout.generation(generation) / state_file).state.date;
}

}  // namespace core
