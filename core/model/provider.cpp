// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/provider.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "core/model/error.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
    return std::ranges::any_of(patterns,
                               [&](const std::string& pattern) { return matches(pattern, text); });
}

std::string joined(const std::set<std::string>& names) {
    return join({names.begin(), names.end()}, " and ");
}

const std::set<std::string>& owners_of(const KeyOwners& keys, const std::string& fingerprint) {
    static const std::set<std::string> nobody;
    const auto found = keys.find(fingerprint);
    return found == keys.end() ? nobody : found->second;
}

std::set<std::string> common(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::set<std::string> both;
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    return both;
}

/// The providers that have a key of every signed package; nothing if no package is signed.
std::optional<std::set<std::string>> signers(const KeyOwners& keys, const NamedPackages& packages) {
    std::optional<std::set<std::string>> result;
    for (const auto& [package, name] : packages) {
        if (package->signed_by.empty()) continue;
        const std::set<std::string>& owners = owners_of(keys, package->signed_by);
        result = result ? common(*result, owners) : owners;
    }
    return result;
}

constexpr std::string_view say_who =
    "hand it in by a ticket of the provider's people, or name the provider with --provider";

/// By the signatures alone, which speak for the packages that have one and for no others.
std::string provider_by_keys(const KeyOwners& keys, const NamedPackages& packages, Report& report) {
    for (const auto& [package, name] : packages) {
        if (!package->signed_by.empty()) continue;
        report.push_back(error_at(std::string(name), reason::provider_missing,
                                  package->label() + " has no signature that says whose it is",
                                  std::string(say_who)));
        return {};
    }
    for (const auto& [package, name] : packages) {
        if (!owners_of(keys, package->signed_by).empty()) continue;
        report.push_back(error_at(
            std::string(name), reason::provider_key,
            fmt::format("{} is signed by key {}, which belongs to no provider", package->label(),
                        package->signed_by),
            "have the operator add the key to the provider's keys, or sign with one of them"));
        return {};
    }
    const std::set<std::string> found = signers(keys, packages).value_or(std::set<std::string>());
    if (found.size() == 1) return *found.begin();
    std::set<std::string> all;
    for (const auto& [package, name] : packages) {
        all.merge(std::set(owners_of(keys, package->signed_by)));
    }
    report.push_back(error_at(
        {}, reason::provider_conflict,
        fmt::format("the packages are signed by keys of more than one provider: {}", joined(all)),
        "hand in the packages of each by themselves, or name the provider with --provider"));
    return {};
}

std::string provider_by_people(const std::set<std::string>& of_people, const KeyOwners& keys,
                               const NamedPackages& packages, Report& report) {
    if (of_people.size() == 1) return *of_people.begin();
    const std::set<std::string> found =
        common(of_people, signers(keys, packages).value_or(of_people));
    if (found.size() == 1) return *found.begin();
    report.push_back(error_at(
        {}, reason::provider_conflict,
        fmt::format("the ticket's people belong to more than one provider: {}", joined(of_people)),
        "have it handed in by people of one provider"));
    return {};
}

std::string introduced(const Providers& providers, const Introduction& introduction,
                       Report& report) {
    const std::string& name = introduction.named;
    try {
        provider_named(providers, name);
    } catch (const Refused& refused) {
        report.push_back(refused.report().front());
        return {};
    }
    const std::set<std::string>& of_people = introduction.of_people;
    if (of_people.empty() || of_people.contains(name)) return name;
    report.push_back(error_at({}, reason::provider_conflict,
                              fmt::format("{} is named as the provider, but the ticket's people "
                                          "belong to {}",
                                          name, joined(of_people)),
                              "name the provider that hands it in"));
    return {};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, after_star = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            after_star = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;  // the last star takes one character more
            t = ++after_star;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool Provider::takes_product(std::string_view product) const {
    return std::ranges::any_of(products, [&](const std::string& pattern) {
        return matches(lower(pattern), lower(product));
    });
}

bool Provider::takes_package(std::string_view package) const {
    return any_matches(packages, package);
}

bool Provider::takes_line(std::string_view line) const {
    return lines.empty() || std::ranges::find(lines, line) != lines.end();
}

const Provider* find_provider(const Providers& providers, std::string_view name) {
    const auto found = std::ranges::find(providers, name, &Provider::name);
    return found == providers.end() ? nullptr : &*found;
}

const Provider& provider_named(const Providers& providers, std::string_view name) {
    if (const Provider* found = find_provider(providers, name)) return *found;
    std::vector<std::string> names;
    for (const Provider& one : providers) names.push_back(one.name);
    throw Refused(reason::unknown_provider,
                  fmt::format("there is no provider called '{}'", escaped(name)),
                  names.empty() ? "sluice.toml has no [[provider]]"
                                : fmt::format("known are: {}", join(names, ", ")));
}

KeyOwners key_owners(const Providers& providers,
                     const std::map<std::string, std::vector<std::string>>& files) {
    KeyOwners owners;
    for (const Provider& provider : providers) {
        for (const std::string& one : provider.fingerprints) owners[one].insert(provider.name);
        for (const std::string& file : provider.key_files) {
            const auto found = files.find(file);
            if (found == files.end()) continue;  // which others need not suffer for
            for (const std::string& one : found->second) owners[one].insert(provider.name);
        }
    }
    return owners;
}

std::string provider_of(const Providers& providers, const KeyOwners& keys,
                        const Introduction& introduction, const NamedPackages& packages,
                        Report& report) {
    std::string name = !introduction.named.empty() ? introduced(providers, introduction, report)
                       : !introduction.of_people.empty()
                           ? provider_by_people(introduction.of_people, keys, packages, report)
                           : provider_by_keys(keys, packages, report);
    if (name.empty()) return {};
    for (const auto& [package, where] : packages) {
        const std::string& key = package->signed_by;
        if (key.empty() || owners_of(keys, key).contains(name)) continue;
        report.push_back(
            error_at(std::string(where), reason::provider_key,
                     fmt::format("{} is signed by key {}, which is not a key of the provider {}",
                                 package->label(), key, name),
                     "sign it with a key of the provider, or have the operator add this one"));
    }
    return name;
}

Report beyond_scope(const Provider& provider, std::string_view product, std::string_view line,
                    const NamedPackages& packages) {
    Report report;
    const std::string remedy =
        fmt::format("have the operator add it to the provider {}, if it is meant", provider.name);
    // One without a name is refused as that.
    if (!product.empty() && !provider.takes_product(product)) {
        report.push_back(error_at({}, reason::provider_scope,
                                  fmt::format("the product {} is none of the provider {}",
                                              escaped(product), provider.name),
                                  remedy));
    }
    if (!provider.takes_line(line)) {
        report.push_back(
            error_at({}, reason::provider_scope,
                     fmt::format("the provider {} does not hand in to the line {}; it may to: {}",
                                 provider.name, line, join(provider.lines, ", ")),
                     remedy));
    }
    std::set<std::string_view> told;
    for (const auto& [package, where] : packages) {
        if (provider.takes_package(package->name) || !told.insert(package->name).second) continue;
        report.push_back(error_at(std::string(where), reason::provider_scope,
                                  fmt::format("the package name {} is none of the provider {}",
                                              package->name, provider.name),
                                  remedy));
    }
    return report;
}

}  // namespace core
