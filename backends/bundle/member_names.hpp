// SPDX-License-Identifier: GPL-3.0-or-later
// The names that members of a bundle have. None ever becomes a path of ours; but a name that tries
// to leave the bundle shows a bundle that nobody should unpack.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/model/problem.hpp"

namespace bundle {

/// What is wrong with the name of a member, as an error without `where`; nothing if it is fine.
/// Control characters, quotes and leading dashes are fine: names are escaped where they are shown.
std::optional<core::Problem> name_problem(std::string_view name);

/// Without "." parts and doubled slashes: "./el9//x.rpm" is "el9/x.rpm".
std::string plain_name(std::string_view name);

/// The names of the files and directories met so far. Nothing is unpacked under its name, so names
/// collide only where they are the same, byte by byte.
class NameRegister {
  public:
    /// Adds a file's plain name; if that collides, the error that says so.
    std::optional<core::Problem> add_file(const std::string& plain);

  private:
    std::set<std::string> files_;
    std::set<std::string> directories_;  // those that files are in
};

}  // namespace bundle
