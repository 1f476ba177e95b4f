// SPDX-License-Identifier: GPL-3.0-or-later
// The owners: under which provider each package name stands. An rpm and a deb of one name are one
// name. It follows from the ledger and the records: an admission that was committed claims the
// names of its packages for its provider, for ever; only a transfer gives a name to another. Moves
// and rollbacks change nothing of it. Names that came in when there was no provider are nobody's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/model/provider.hpp"
#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"

namespace core {

/// Which providers the keys in provider-keys/ belong to.
KeyOwners key_owners(const Providers& providers, const ProviderKeys& keys);

/// An error for each key file that a provider names and provider-keys/ does not have.
Report missing_key_files(const Providers& providers, const ProviderKeys& keys);

/// Throws Error if there is one.
void require_key_files(const Providers& providers, const ProviderKeys& keys);

/// By package name; an empty provider: the name is nobody's. A name that is not in it is free.
using Owners = std::map<std::string, std::string>;

/// What a committed operation does to them. `record` is asked for what was admitted.
void take_up(Owners& owners, const Operation& operation,
             const std::function<Release(const std::string& id)>& record);

/// Of all that was committed so far. The cache keeps the result, and up to which line of the ledger
/// it goes, so that only what came later is looked at; without it all records are read.
Owners owners_of(const Depot& depot);

/// The provider whose names all packages of the release are, else the one who handed it in. Empty:
/// nobody, it is of before there were providers.
std::string provider_by_now(const Owners& owners, const Release& release);

/// Packages whose name stands under another provider, or is nobody's.
Report owned_by_others(const Owners& owners, const std::string& provider,
                       const NamedPackages& packages);

/// Names that are nobody's.
std::vector<std::string> names_of_nobody(const Owners& owners);

/// The claims that give names to a provider. Throws Refused if a name is in no release, is beyond
/// what the provider may hand in, or if all are the provider's already.
Owners plan_transfer(const Owners& owners, const std::vector<std::string>& names,
                     const Provider& to);

/// For each name that is nobody's the only provider that can have handed in every release that has
/// it, by keys, products, lines and patterns; names with none or several are left out.
Owners proposed_owners(const Owners& owners, const Providers& providers, const KeyOwners& keys,
                       const std::vector<std::string>& releases,
                       const std::function<Release(const std::string& id)>& record);

/// What `sluice status` says of providers; empty if there is nothing to say.
std::string remark_on_providers(const Providers& providers, const Owners& owners);

}  // namespace core
