// SPDX-License-Identifier: GPL-3.0-or-later
// A provider: who hands releases in, and what is its own. Values and pure rules; which package name
// stands under which provider is in core/work/owners.hpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/package.hpp"
#include "core/model/problem.hpp"

namespace core {

/// Patterns have "*" for any text and "?" for one character; all else stands for itself.
struct Provider {
    std::string name;
    std::vector<std::string> fingerprints;  // of its primary keys, upper-case hexadecimal
    std::vector<std::string> key_files;     // in provider-keys/: all keys in them are its own
    std::vector<std::string> people;        // users, and groups as "group:NAME", of a ticket system
    std::vector<std::string> products{"*"};
    std::vector<std::string> packages{"*"};  // names of packages
    std::vector<std::string> lines;          // empty: every line

    bool takes_product(std::string_view product) const;  // upper and lower case are the same
    bool takes_package(std::string_view package) const;
    bool takes_line(std::string_view line) const;

    bool operator==(const Provider&) const = default;
};
using Providers = std::vector<Provider>;

/// Null if there is none of that name.
const Provider* find_provider(const Providers& providers, std::string_view name);

/// Throws Refused (unknown-provider), naming what there is.
const Provider& provider_named(const Providers& providers, std::string_view name);

bool matches(std::string_view pattern, std::string_view text);

/// The names of the providers that a key belongs to, by the fingerprint of its primary key.
using KeyOwners = std::map<std::string, std::set<std::string>>;

/// `files` has the fingerprints in each file of provider-keys/. A file that is not there gives
/// nothing: missing_key_files tells of it.
KeyOwners key_owners(const Providers& providers,
                     const std::map<std::string, std::vector<std::string>>& files);

/// What is said of the provider besides signatures.
struct Introduction {
    std::string named;                // with --provider; empty: nobody named one
    std::set<std::string> of_people;  // the providers that the ticket's people belong to

    bool operator==(const Introduction&) const = default;
};

/// Packages, and what whoever handed them in called them.
using NamedPackages = std::vector<std::pair<const Package*, std::string_view>>;

/// Who hands these packages in: who was named, else whom the ticket's people belong to, else the
/// only one whose keys signed all of them. Empty if nothing says so or if it is contradicted, which
/// is in `report` then, as is every package that was signed by another's key.
std::string provider_of(const Providers& providers, const KeyOwners& keys,
                        const Introduction& introduction, const NamedPackages& packages,
                        Report& report);

/// What of a release is beyond the provider's products, lines and names.
Report beyond_scope(const Provider& provider, std::string_view product, std::string_view line,
                    const NamedPackages& packages);

}  // namespace core
