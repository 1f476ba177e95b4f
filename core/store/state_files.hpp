// SPDX-License-Identifier: GPL-3.0-or-later
// How a state stands in its generation: in files that are all called state.json, each in a
// directory that changes with what it says, so that a commit writes what it changes.
//
//   state.json                   number, date, settings, keys; how much there is in the others
//   production/umd5/state.json   the repositories of a line in a stage
//   state/3/f/state.json         of releases with this hash: where each stands and when it came,
//                                and its own repositories
//
// Up to format 3 the first one has all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "core/model/layout.hpp"
#include "core/model/state.hpp"
#include "core/system/files.hpp"

namespace core {

/// The directory, in a generation, that has what the state says of a release.
std::string state_directory(const std::string& release);

/// The one that has what it says of a repository.
std::string part_directory(const Repository& repository);

/// The directories below the generation's own that have a part of the state, and that part.
std::map<std::string, State> parts_of(const State& state);

/// Writes one to the directory that is it in the generation in the making; flushing is the
/// caller's.
File write_part(const State& part, const std::filesystem::path& directory);

/// The generation's own part, which comes last.
File write_first_part(const State& state, const std::filesystem::path& generation);

/// Throws Error if what it says of releases is not to be had. Repositories of lines whose part is
/// damaged or missing are left out, as if they were not published yet, and it is in `lost`: the
/// next commit is a refresh.
State read_state(const Layout& layout, std::uint64_t generation);

/// When it was made, by its own part alone.
Time date_of(const Layout& layout, std::uint64_t generation);

}  // namespace core
