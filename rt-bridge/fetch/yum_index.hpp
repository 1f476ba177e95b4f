// SPDX-License-Identifier: GPL-3.0-or-later
// What the documents of a yum repository say, as functions of their bytes. Private to this folder.
#pragma once

#include <optional>
#include <string>

#include "core/model/clock.hpp"
#include "rt-bridge/fetch/index.hpp"

namespace fetch {

struct Repomd {
    std::string primary;               // where it is, below the repository
    Expected expected;                 // of that
    std::optional<core::Time> newest;  // of its indexes' timestamps
};

/// A repomd.xml of at most a megabyte; `where` names it. Throws Refused.
Repomd parse_repomd(const std::string& text, const std::string& where);

/// Adds what a primary index names to `list`. Throws Refused.
void read_primary(const archive::Source& source, const std::string& where, PackageList& list);

}  // namespace fetch
