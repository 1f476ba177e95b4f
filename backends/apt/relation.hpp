// SPDX-License-Identifier: GPL-3.0-or-later
// Fields that name other packages (Debian Policy §7.1). apt reads those of every package of an
// index at once: a single one that it cannot read leaves a site without any package of the
// repository.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apt {

/// Whether a field of this name, in any case, says how the package stands to others.
bool is_relation(std::string_view field);

/// What is wrong with the value of such a field, with the text that is; empty if nothing is. What
/// passes is read by apt and by dpkg, in the same way.
std::string relation_fault(std::string_view field, std::string_view value);

/// How many relations such a value has, at most.
std::uint64_t count_relations(std::string_view value);

}  // namespace apt
