// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/comps.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>
#include <utility>

#include "backends/bundle/xml.hpp"
#include "backends/yum/own_document.hpp"

namespace yum {
namespace {

/// The order of kinds in a comps file, which is also the order of merging.
constexpr std::array<std::string_view, 4> kinds = {"group", "category", "environment", "langpacks"};

/// Children that are lists, whose entries are joined; of all others the first one stays.
bool is_list(std::string_view name) {
    return name == "packagelist" || name == "grouplist" || name == "optionlist";
}

/// Which entry of a list this is: a package or group by its name, a language pack by its.
std::string entry_key(const bundle::Element& entry) {
    const std::string* name = entry.attribute("name");
    return entry.name + " " + (name == nullptr ? entry.text : *name);
}

/// Adds the entries that `into` has not; what is there keeps its place.
void join_entries(std::vector<bundle::Element>& into, const std::vector<bundle::Element>& from) {
    std::unordered_set<std::string> known;
    for (const bundle::Element& entry : into) known.insert(entry_key(entry));
    for (const bundle::Element& entry : from) {
        if (known.insert(entry_key(entry)).second) into.push_back(entry);
    }
}

void join(bundle::Element& into, const bundle::Element& from) {
    if (into.name == "langpacks") {
        join_entries(into.children, from.children);
        return;
    }
    for (const bundle::Element& child : from.children) {
        if (!is_list(child.name)) continue;
        const auto same = std::find_if(into.children.begin(), into.children.end(),
                                       [&](const auto& other) { return other.name == child.name; });
        if (same == into.children.end()) {
            into.children.push_back(child);
        } else {
            join_entries(same->children, child.children);
        }
    }
}

}  // namespace

std::string merged_comps(const std::vector<std::string>& documents) {
    std::map<std::pair<std::size_t, std::string>, bundle::Element> merged;
    for (const std::string& text : documents) {
        for (const bundle::Element& child : parse_own(text).children) {
            const auto kind = static_cast<std::size_t>(
                std::find(kinds.begin(), kinds.end(), child.name) - kinds.begin());
            const auto [place, added] = merged.try_emplace({kind, id_of(child)}, child);
            if (!added) join(place->second, child);
        }
    }
    bundle::Element root;
    root.name = "comps";
    for (auto& [key, element] : merged) root.children.push_back(std::move(element));
    return bundle::serialize(root);
}

}  // namespace yum
