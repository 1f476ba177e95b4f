// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/owners.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

constexpr std::string_view kept_as = "owners";
constexpr int kept_format = 1;

/// Owners as of a line of the ledger.
struct Kept {
    std::string line;  // its digest
    Owners owners;
};

std::optional<Kept> load_kept(const Cache& cache) {
    const auto bytes = cache.get(kept_as);
    if (!bytes) return std::nullopt;
    const Json json = Json::parse(*bytes, nullptr, false);
    try {
        if (json.at("format") != kept_format) return std::nullopt;
        return Kept{json.at("line"), json.at("owners").get<Owners>()};
    } catch (const Json::exception&) {
        return std::nullopt;  // of another version
    }
}

void save_kept(const Cache& cache, const Kept& kept) {
    cache.put(kept_as,
              dump({{"format", kept_format}, {"line", kept.line}, {"owners", kept.owners}}));
}

std::string remedy_for(const std::string& name) {
    return fmt::format(
        "have the operator say whose it is: sluice provider transfer {} --to "
        "PROVIDER",
        name);
}

/// The names of the providers that can have handed in a release.
std::set<std::string> candidates(const Providers& providers, const KeyOwners& keys,
                                 const Release& release) {
    std::set<std::string> found;
    for (const Provider& provider : providers) {
        const bool keys_fit = std::ranges::all_of(release.packages, [&](const Package& package) {
            if (package.signed_by.empty()) return true;
            const auto owners = keys.find(package.signed_by);
            return owners != keys.end() && owners->second.contains(provider.name);
        });
        if (keys_fit && provider.takes_product(release.product) &&
            provider.takes_line(release.line)) {
            found.insert(provider.name);
        }
    }
    return found;
}

}  // namespace

KeyOwners key_owners(const Providers& providers, const ProviderKeys& keys) {
    std::map<std::string, std::vector<std::string>> files;
    for (const auto& [name, file] : keys) {
        for (const KeyFacts& key : file.keys) files[name].push_back(key.fingerprint);
    }
    return key_owners(providers, files);
}

Report missing_key_files(const Providers& providers, const ProviderKeys& keys) {
    Report report;
    for (const Provider& provider : providers) {
        for (const std::string& file : provider.key_files) {
            if (keys.contains(file)) continue;
            Problem problem;
            problem.where = "provider-keys/" + file;
            problem.message = fmt::format(
                "is missing, though the provider {} names it: put it back, or take it out of the "
                "provider's keys in sluice.toml",
                provider.name);
            report.push_back(std::move(problem));
        }
    }
    return report;
}

void require_key_files(const Providers& providers, const ProviderKeys& keys) {
    const Report missing = missing_key_files(providers, keys);
    if (!missing.empty()) throw Error(missing.front().where + " " + missing.front().message);
}

void take_up(Owners& owners, const Operation& operation,
             const std::function<Release(const std::string& id)>& record) {
    for (const auto& [name, provider] : operation.claims) owners[name] = provider;
    if (operation.verb != Verb::admit) return;
    for (const Move& move : operation.moves) {
        if (!move.from.empty()) continue;
        const Release release = record(move.release);
        for (const Package& package : release.packages) {
            std::string& owner = owners[package.name];
            if (!release.provider.empty()) owner = release.provider;
        }
    }
}

Owners owners_of(const Depot& depot) {
    const auto record = [&](const std::string& id) { return depot.records.load(id); };
    Kept kept = load_kept(depot.cache).value_or(Kept());
    const Ledger::Tail tail = depot.ledger.read_after(kept.line);
    if (!tail.continues) kept = {};
    for (const CommittedOperation& one : committed(tail.entries)) {
        take_up(kept.owners, one.operation, record);
    }
    const bool settled =
        tail.entries.empty() || tail.entries.back().event != LedgerEntry::Event::intent;
    if (settled && kept.line != tail.last) {
        kept.line = tail.last;
        save_kept(depot.cache, kept);
    }
    return std::move(kept.owners);
}

std::string provider_by_now(const Owners& owners, const Release& release) {
    std::set<std::string> providers;
    for (const Package& package : release.packages) {
        const auto found = owners.find(package.name);
        providers.insert(found == owners.end() ? std::string() : found->second);
    }
    const bool is_one = providers.size() == 1 && !providers.begin()->empty();
    return is_one ? *providers.begin() : release.provider;
}

Report owned_by_others(const Owners& owners, const std::string& provider,
                       const NamedPackages& packages) {
    Report report;
    std::set<std::string_view> told;
    for (const auto& [package, where] : packages) {
        const auto found = owners.find(package->name);
        if (found == owners.end() || found->second == provider) continue;
        if (!told.insert(package->name).second) continue;
        std::string message =
            found->second.empty()
                ? fmt::format(
                      "the package name {} stands here since before there were providers, "
                      "and is nobody's yet",
                      package->name)
                : fmt::format("the package name {} stands under the provider {}, not {}",
                              package->name, found->second, provider);
        report.push_back(error_at(std::string(where), reason::package_owner, std::move(message),
                                  remedy_for(package->name)));
    }
    return report;
}

std::vector<std::string> names_of_nobody(const Owners& owners) {
    std::vector<std::string> names;
    for (const auto& [name, provider] : owners) {
        if (provider.empty()) names.push_back(name);
    }
    return names;
}

Owners plan_transfer(const Owners& owners, const std::vector<std::string>& names,
                     const Provider& to) {
    Owners claims;
    for (const std::string& name : names) {
        const auto found = owners.find(name);
        if (found == owners.end()) {
            throw Refused(reason::unknown_package,
                          fmt::format("no package called '{}' was ever admitted", escaped(name)),
                          "a name that is free becomes that of the first provider who hands it in");
        }
        if (!to.takes_package(name)) {
            throw Refused(
                reason::provider_scope,
                fmt::format("the package name {} is none of the provider {}", name, to.name),
                "add a pattern for it to the provider's packages in sluice.toml");
        }
        if (found->second != to.name) claims[name] = to.name;
    }
    if (claims.empty()) {
        throw Refused(reason::nothing_to_do,
                      fmt::format("these names stand under the provider {} already", to.name));
    }
    return claims;
}

Owners proposed_owners(const Owners& owners, const Providers& providers, const KeyOwners& keys,
                       const std::vector<std::string>& releases,
                       const std::function<Release(const std::string& id)>& record) {
    std::map<std::string, std::set<std::string>> possible;
    for (const std::string& name : names_of_nobody(owners)) {
        for (const Provider& provider : providers) {
            if (provider.takes_package(name)) possible[name].insert(provider.name);
        }
    }
    for (const std::string& id : releases) {
        const Release release = record(id);
        const std::set<std::string> here = candidates(providers, keys, release);
        for (const Package& package : release.packages) {
            const auto found = possible.find(package.name);
            if (found == possible.end()) continue;
            std::erase_if(found->second,
                          [&](const std::string& one) { return !here.contains(one); });
        }
    }
    Owners proposal;
    for (const auto& [name, names] : possible) {
        if (names.size() == 1) proposal[name] = *names.begin();
    }
    return proposal;
}

std::string remark_on_providers(const Providers& providers, const Owners& owners) {
    if (providers.empty()) {
        return "none is configured: packages of any name are taken from whoever may hand in";
    }
    std::size_t nobodys = 0, strangers = 0;
    for (const auto& [name, provider] : owners) {
        if (provider.empty()) {
            ++nobodys;
        } else if (find_provider(providers, provider) == nullptr) {
            ++strangers;
        }
    }
    std::vector<std::string> remarks;
    if (nobodys > 0) {
        remarks.push_back(fmt::format(
            "{} package names are nobody's: see `sluice provider list` and `sluice provider adopt`",
            nobodys));
    }
    if (strangers > 0) {
        remarks.push_back(
            fmt::format("{} package names stand under providers that are not "
                        "configured any more: see `sluice provider list`",
                        strangers));
    }
    return join(remarks, "; ");
}

}  // namespace core
