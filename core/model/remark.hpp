// SPDX-License-Identifier: GPL-3.0-or-later
// Remarks: what a package has that is sound, and that an operator may still not want on every site.
// They are read with the package and kept in its record, so that each stage can judge it by its own
// setting later, without the package.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/reason.hpp"

namespace core {

/// What of one kind a package has.
struct Remark {
    std::string kind;             // one of remark_kinds
    std::vector<std::string> of;  // paths, or fields: "/usr/bin/ping", "Provides: libc6"
    std::uint64_t more = 0;       // that `of` does not name

    bool operator==(const Remark&) const = default;
};
using Remarks = std::vector<Remark>;

/// Each is the reason code too with which it is told, and the word in a stage's `refuse`. An epoch
/// jump is seen when a package meets what stands in a stage, and is no remark on the package.
inline constexpr std::array remark_kinds{
    reason::essential,   reason::important,     reason::is_protected, reason::base_relation,
    reason::set_id_file, reason::unusual_place, reason::epoch_jump};

/// So many are named of one kind, and so much of each: a record is read often, and the rest is as
/// hostile as these.
inline constexpr std::size_t most_remarked = 20, longest_remarked = 200;

/// Adds one to what the package has of that kind. What is named already is not counted again.
void add_remark(Remarks& remarks, std::string_view kind, std::string_view of);

/// Packages without which a system does not run or is not safe, by their names in Debian and in RPM
/// distributions.
const std::vector<std::string>& default_base_packages();

/// Where packages of a product put their files.
const std::vector<std::string>& default_usual_places();

/// What is worth a remark where it depends on the configuration.
struct RemarkRule {
    std::vector<std::string> base_packages = default_base_packages();  // patterns
    std::vector<std::string> usual_places = default_usual_places();    // absolute directories

    bool is_base(std::string_view package) const;

    /// In one of the places, or such a place itself. `path` is absolute.
    bool is_usual(std::string_view path) const;
};

}  // namespace core
