// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/admission_rules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/parallel.hpp"
#include "core/work/id_owners.hpp"

namespace core {

void check_named(const Descriptor& descriptor, Report& report) {
    if (has_errors(report)) return;
    for (const auto& [value, what, element] : {std::tuple(descriptor.product, "name", "Name"),
                                               {descriptor.version, "version", "Version"}}) {
        if (!value.empty()) continue;
        report.push_back(error_at("release.xml", reason::missing_element,
                                  fmt::format("nothing says the {} of the release", what),
                                  fmt::format("hand in a release.xml with a <{}>", element)));
    }
}

void drop_doubles(std::vector<BundledPackage>& packages, Report& report) {
    std::unordered_map<std::string_view, const BundledPackage*> by_name;
    std::set<std::pair<std::string_view, std::string_view>> seen;  // platform and path
    std::vector<BundledPackage*> unique;
    for (BundledPackage& bundled : packages) {
        const auto [first, is_new] = by_name.emplace(bundled.package.file_name(), &bundled);
        if (!is_new && first->second->package.digest != bundled.package.digest) {
            report.push_back(error_at(bundled.name, reason::same_name_different_content,
                                      fmt::format("{} is in the bundle with other bytes as {}",
                                                  bundled.package.label(), first->second->name),
                                      "give each build a release number of its own"));
        }
        if (seen.emplace(bundled.package.platform, bundled.package.path).second) {
            unique.push_back(&bundled);
        } else {
            report.push_back(warning_at(bundled.name, reason::duplicate_package,
                                        bundled.package.label() + " is in the bundle twice"));
        }
    }
    if (unique.size() == packages.size()) return;
    std::vector<BundledPackage> kept;
    for (BundledPackage* bundled : unique) kept.push_back(std::move(*bundled));
    packages = std::move(kept);
}

void check_names(const Depot& depot, const NamedPackages& packages, Report& report) {
    std::vector<char> is_taken(packages.size());  // not of bool: threads write side by side
    parallel_for(packages.size(), [&](std::size_t i) {
        const Package& package = *packages[i].first;
        is_taken[i] = depot.pool.name_taken(package.format, package.file_name(), package.digest);
    });
    using Name = std::pair<std::string_view, std::string_view>;  // format and published name
    std::map<Name, std::pair<const Package*, std::string_view>> taken;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        const Package* package = packages[i].first;
        if (is_taken[i] == 0) continue;
        taken.emplace(Name(package->format, package->file_name()), packages[i]);
    }
    if (taken.empty()) return;
    for (const std::string& id : depot.records.ids()) {
        for (const Package& other : depot.records.load(id).packages) {
            const auto found = taken.find({other.format, other.file_name()});
            if (found == taken.end() || found->second.first->digest == other.digest) continue;
            report.push_back(error_at(std::string(found->second.second),
                                      reason::same_name_different_content,
                                      fmt::format("{} was admitted before with other bytes, in {}",
                                                  found->second.first->label(), id),
                                      "build it again under a new version or release number"));
            taken.erase(found);
        }
    }
}

void check_places(const Depot& depot, const Formats& formats,
                  const std::vector<BundledPackage>& packages, Report& report) {
    for (const auto& [package, name, format] : packages) {
        if (package.platform.empty()) continue;  // reported already
        try {
            formats.at(format).backend->sections(depot.configuration.platform(package.platform),
                                                 &package);
        } catch (const Refused& refused) {
            report.push_back(error_at(name, refused.code(), refused.what(), refused.remedy()));
        }
    }
}

void require_keys(const Providers& providers, const Introduction& introduction,
                  const ProviderKeys& keys) {
    std::set<std::string> possible = introduction.of_people;
    if (!introduction.named.empty()) possible = {introduction.named};
    Providers asked = providers;
    if (!possible.empty()) {
        std::erase_if(asked, [&](const Provider& one) { return !possible.contains(one.name); });
    }
    require_key_files(asked, keys);
}

std::string judge_provider(const Providers& providers, const Owners& owners,
                           const ProviderKeys& keys, const Introduction& introduction,
                           const std::string& product, const std::string& line,
                           const NamedPackages& packages, Report& report) {
    if (packages.empty() || (providers.empty() && introduction.named.empty())) return {};
    std::string name =
        provider_of(providers, key_owners(providers, keys), introduction, packages, report);
    if (name.empty()) return {};
    append(report, beyond_scope(provider_named(providers, name), product, line, packages));
    append(report, owned_by_others(owners, name, packages));
    return name;
}

void check_replaced(const Owners& owners, const std::vector<Move>& moves, const Release& release,
                    RecordReader& records) {
    if (release.provider.empty()) return;
    for (const Move& move : moves) {
        if (move.from.empty()) continue;
        const std::string owner = provider_by_now(owners, records.load(move.release));
        if (owner == release.provider) continue;
        throw Refused(
            reason::release_owner,
            fmt::format("{} {} stands in {} already and {}", escaped(release.product),
                        escaped(release.version), move.from,
                        owner.empty() ? "was handed in before there were providers"
                                      : "is of the provider " + owner),
            owner.empty()
                ? "have the operator give its package names to the provider (sluice provider "
                  "transfer), or reject it"
                : "hand it in under another version, or have that release rejected first");
    }
}

void check_ids(const Depot& depot, const Formats& formats, const Owners& owners, Standing standing,
               Candidate& candidate, Report& report) {
    if (candidate.release.provider.empty()) return;
    std::erase_if(standing,
                  [&](const auto& one) { return candidate.compared.contains(one.first); });
    append(report, ids_of_others(depot, formats, owners, standing, candidate.release));
    candidate.compared.merge(standing);
}

}  // namespace core
