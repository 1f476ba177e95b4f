// SPDX-License-Identifier: GPL-3.0-or-later
// The outer container of a .deb (deb(5)): an ar archive. Strict: what dpkg would have to guess is
// refused, so that all tools see the same members.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/archive/source.hpp"

namespace apt {

struct ArMember {
    std::string name;
    std::uint64_t offset = 0;  // of the content
    std::uint64_t size = 0;
};

/// All members; they cover the whole source. Throws Refused.
std::vector<ArMember> read_ar(const archive::Source& source);

}  // namespace apt
