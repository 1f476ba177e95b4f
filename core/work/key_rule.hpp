// SPDX-License-Identifier: GPL-3.0-or-later
// What became of the keys that a release's packages are signed with since it was admitted, and
// whether its line requires by now that they are signed: judged by the fingerprints in its record,
// without reading packages again.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/configuration.hpp"
#include "core/model/release.hpp"
#include "core/store/ledger.hpp"
#include "core/store/provider_keys.hpp"
#include "core/work/backend.hpp"

namespace core {

struct KeyRule {
    ProviderKeys known;  // as they are now
    Time now{};
    std::set<std::string> waived;  // fingerprints of keys that are let pass
};

/// An error for each key or subkey that was removed or revoked, and, if the line says so, for one
/// that has expired, and for unsigned packages where the line requires signatures; a warning for a
/// key that has expired or is weak, or was waived. Where the record does not say which part of a
/// key signed, one that could have is enough.
Report judge_keys(const Release& release, const Line& line, const Formats& formats,
                  const KeyRule& rule);

/// The packages without a signature by a known key, of formats whose packages carry signatures.
std::vector<const Package*> unsigned_packages(const Release& release, const Formats& formats);

/// Likewise for all releases that stand in a stage other than the archive. What was waived when a
/// release was moved is only warned of.
Report judge_standing(const Depot& depot, const Formats& formats, const Standing& standing,
                      const KeyRule& rule);

/// A warning for each key, and for each weak subkey of one that is sound, by which nothing is
/// accepted any more.
Report judge_provider_keys(const ProviderKeys& keys, Time now);

/// "89ab cdef…" → "89ABCDEF…". Throws Refused unless it is a whole fingerprint.
std::string fingerprint_of(std::string_view text);

}  // namespace core
