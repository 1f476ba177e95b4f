// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/foreign_references.hpp"

#include <algorithm>
#include <vector>

#include "core/model/provider.hpp"

namespace yum {
namespace {

/// A package in an advisory, in a group, or with a language pack.
bool is_reference(const bundle::Element& element) {
    return element.name == "package" || element.name == "packagereq" || element.name == "match";
}

std::string attribute(const bundle::Element& element, std::string_view name) {
    const std::string* value = element.attribute(name);
    return value == nullptr ? std::string() : *value;
}

/// "argus-langpack-%s" as a pattern.
std::string pattern_of(std::string install) {
    const std::size_t language = install.find("%s");
    if (language != std::string::npos) install.replace(language, 2, "*");
    return install;
}

}  // namespace

bool ForeignReferences::take_out(bundle::Element& part) {
    const Counts counts = prune(part);
    return counts.foreign == 0 || counts.own > 0;
}

ForeignReferences::Counts ForeignReferences::prune(bundle::Element& element) {
    Counts counts;
    std::vector<bundle::Element> kept;
    kept.reserve(element.children.size());
    for (bundle::Element& child : element.children) {
        if (is_reference(child)) {
            if (is_foreign(child)) {
                ++counts.foreign;
                continue;
            }
            ++counts.own;
        } else {
            const Counts below = prune(child);
            counts.own += below.own;
            counts.foreign += below.foreign;
        }
        kept.push_back(std::move(child));
    }
    element.children = std::move(kept);
    return counts;
}

bool ForeignReferences::is_foreign(const bundle::Element& reference) {
    const std::string name =
        reference.name == "packagereq" ? reference.text : attribute(reference, "name");
    if (!brought_.contains(name)) {
        found_.insert(name);
        return true;
    }
    if (reference.name != "match") return false;
    const std::string install = attribute(reference, "install");
    if (brings(pattern_of(install))) return false;
    found_.insert(install);
    return true;
}

bool ForeignReferences::brings(const std::string& pattern) const {
    return std::ranges::any_of(
        brought_, [&](const std::string& name) { return core::matches(pattern, name); });
}

}  // namespace yum
