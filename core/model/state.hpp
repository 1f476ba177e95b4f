// SPDX-License-Identifier: GPL-3.0-or-later
// The state: which release stands in which stage, and what each published repository was made from.
// It is kept in the generation it describes (state_files.hpp), so the tree and the truth cannot
// disagree.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/configuration.hpp"
#include "core/model/digest.hpp"
#include "core/model/repository.hpp"

namespace core {

/// Where each release stands. A release that stands nowhere (rejected, replaced) is not in it.
using Standing = std::map<std::string, std::string>;

struct PublishedRepository {
    Repository repository;
    std::string place;           // in the generation
    std::uint64_t composed = 0;  // the generation that made its metadata
    int form = newest_form;      // in which it did
    Time date{};                 // of that generation
    Time valid_until{};

    /// Files named by their content that the generation has for clients of the stable URLs, earlier
    /// ones with them. Of state.json up to format 2; since then these stand beside stable URLs.
    std::vector<std::string> carried;

    bool operator==(const PublishedRepository&) const = default;
};

/// In which a state is written; older ones are read.
inline constexpr int newest_state_format = 5;

struct State {
    int format = newest_state_format;  // that it was read from
    std::uint64_t generation = 0;
    Time date{};
    Standing standing;
    Arrivals arrivals;                                        // of what stands
    std::map<std::string, PublishedRepository> repositories;  // by Repository::path()
    std::map<std::string, Digest> handed_out;                 // keys; empty: made before 0.1.0

    /// Repositories of single releases that are not published any more, by their paths, and since
    /// when: for clients with an old index their links stay for the grace time of packages.
    std::map<std::string, Time> closed;

    /// The settings that what is published depends on (core/work/configuration_change.hpp);
    /// nothing: made before 0.1.0.
    std::optional<Configuration> made_with;

    /// What of the generation is damaged or missing and only a refresh makes anew: files of lines,
    /// the keys, or the generation if more is missing.
    std::vector<std::filesystem::path> lost;

    bool operator==(const State&) const = default;

    /// Client files are in a directory of their own in the generation.
    bool client_files_apart() const { return format <= 2; }
    bool in_one_file() const { return format <= 3; }
};

/// What is said of what is lost.
inline constexpr std::string_view is_lost =
    "is damaged, or something of it is missing; `sluice refresh` makes it anew";

/// The directory, in a generation, that has the client file of a repository's platform.
std::string client_directory(const State& state, const PublishedRepository& published);

/// When the first of the published metadata expires; nothing if there is none.
std::optional<Time> first_expiry(const State& state);

/// What is empty is left out: a state may be a part of one.
std::string to_json(const State& state);
State state_from_json(std::string_view text);

}  // namespace core
