// SPDX-License-Identifier: GPL-3.0-or-later
// Whose the ids of advisories and groups are. Clients merge what has one id, so a provider's must
// not be used by another. An id is taken while a release stands that has it, in whatever stage, by
// the provider of the first such release. It goes with the packages: if all the names of the
// release's packages stand under another provider by now (core/work/owners.hpp), its ids do too.
#pragma once

#include "core/model/operation.hpp"
#include "core/store/depot.hpp"
#include "core/work/backend.hpp"
#include "core/work/owners.hpp"

namespace core {

/// Ids of `release` that a release in `standing` has from another provider, or from before there
/// were providers. One of the same product, version and line is judged by what admissions replace.
Report ids_of_others(const Depot& depot, const Formats& formats, const Owners& owners,
                     const Standing& standing, const Release& release);

/// Throws Refused if a release that `moves` bring back from nowhere would stand beside one of
/// another provider with an id of it.
void refuse_ids_of_others(const Depot& depot, const Formats& formats, const Owners& owners,
                          const Standing& standing, const std::vector<Move>& moves);

}  // namespace core
