// SPDX-License-Identifier: GPL-3.0-or-later
// The names that members of a bundle have. None ever becomes a path of ours; but a name that tries
// to leave the bundle, or that two file systems would read differently, shows a bundle that nobody
// should unpack.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/problem.hpp"

namespace bundle {

/// What is wrong with the name of a member, as an error without `where`; nothing if it is fine.
/// Control characters, quotes and leading dashes are fine: names are escaped where they are shown.
std::optional<core::Problem> name_problem(std::string_view name);

/// Without "." parts and doubled slashes: "./el9//x.rpm" is "el9/x.rpm".
std::string plain_name(std::string_view name);

/// The same for names that a file system might take for one: small letters, and without accents
/// however they are written. It folds ASCII, Latin, Greek and Cyrillic letters and drops combining
/// marks (U+0300–U+036F), which is a little more than Unicode's case folding and NFC would there,
/// and less elsewhere.
std::string folded_name(std::string_view plain);

/// The names of the files and directories met so far.
class NameRegister {
  public:
    /// Adds a file's plain name; if that collides, the error that says with what.
    std::optional<core::Problem> add_file(const std::string& plain);

  private:
    std::map<std::string, std::string> files_;        // folded: as given
    std::map<std::string, std::string> directories_;  // those that files are in
};

}  // namespace bundle
