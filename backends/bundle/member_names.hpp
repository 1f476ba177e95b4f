// SPDX-License-Identifier: GPL-3.0-or-later
// The names that members of a bundle have. None ever becomes a path of ours; but a name that tries
// to leave the bundle shows a bundle that nobody should unpack.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/model/bundle_limits.hpp"
#include "core/model/digest.hpp"
#include "core/model/problem.hpp"

namespace bundle {

/// What is wrong with the name of a member, as an error without `where`; nothing if it is fine.
/// Control characters, quotes and leading dashes are fine: names are escaped where they are shown.
std::optional<core::Problem> name_problem(std::string_view name);

/// Without "." parts and doubled slashes: "./el9//x.rpm" is "el9/x.rpm".
std::string plain_name(std::string_view name);

/// Throws Refused if a plain name is in too many directories.
void check_depth(std::string_view plain, const core::BundleLimits& limits);

/// The names of the files and directories met so far. Nothing is unpacked under its name, so names
/// collide only where they are the same, byte by byte. Of each name there is a digest alone, made
/// from that of its directory and its last part: names of many parts cost no more than their bytes.
class NameRegister {
  public:
    /// `limits` must outlive this.
    explicit NameRegister(const core::BundleLimits& limits) : limits_(limits) {}

    /// Adds a file's plain name; if that collides, the error that says so. Throws Refused where
    /// there are too many files or directories, or all names together are too long.
    std::optional<core::Problem> add_file(std::string_view plain);

  private:
    const core::BundleLimits& limits_;
    std::unordered_set<core::Digest> files_;
    std::unordered_set<core::Digest> directories_;  // those that files are in
    std::uint64_t bytes_ = 0;
};

}  // namespace bundle
