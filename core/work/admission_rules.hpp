// SPDX-License-Identifier: GPL-3.0-or-later
// What may be wrong with a release that is handed in, beyond what single packages are. All but the
// last two add what they find to a report, so that it is told at once.
#pragma once

#include <string>
#include <vector>

#include "core/model/provider.hpp"
#include "core/model/stage_rules.hpp"
#include "core/model/targets.hpp"
#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"
#include "core/work/backend.hpp"
#include "core/work/bundle.hpp"
#include "core/work/owners.hpp"

namespace core {

/// Product and version. For a descriptor that was read, its reader has said so, with line and
/// column.
void check_named(const Descriptor& descriptor, Report& report);

/// The same file name with other bytes, within the bundle. The same bytes twice are one package.
void drop_doubles(std::vector<BundledPackage>& packages, Report& report);

/// Packages whose file name has another content in a release that was admitted before.
void check_names(const Depot& depot, const NamedPackages& packages, Report& report);

/// Packages that have no place in their platform.
void check_places(const Depot& depot, const Formats& formats,
                  const std::vector<BundledPackage>& packages, Report& report);

/// Who hands the release in, and whether all in it is that provider's. Empty: there are no
/// providers, or it is refused.
std::string judge_provider(const Providers& providers, const Owners& owners,
                           const ProviderKeys& keys, const Introduction& introduction,
                           const std::string& product, const std::string& line,
                           const NamedPackages& packages, Report& report);

/// Compares the ids of its documents with those in releases that it was not compared with yet.
void check_ids(const Depot& depot, const Formats& formats, const Owners& owners, Standing standing,
               Candidate& candidate, Report& report);

/// What a missing key file would have said must not make a package somebody else's, nor be told to
/// the requester as an unknown key: throws Error unless the files of all are there who can be the
/// provider.
void require_keys(const Providers& providers, const Introduction& introduction,
                  const ProviderKeys& keys);

/// An admission takes the place of a release of the same name, but not of another provider's.
/// Throws Refused.
void check_replaced(const Owners& owners, const std::vector<Move>& moves, const Release& release,
                    RecordReader& records);

}  // namespace core
