// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/advisory.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <vector>

#include "backends/bundle/xml.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

bundle::Element element(const std::string& name, const std::string& text = {}) {
    bundle::Element result;
    result.name = name;
    result.local_name = name;
    result.text = text;
    return result;
}

void attribute(bundle::Element& parent, const std::string& name, const std::string& value) {
    bundle::Attribute result;
    result.name = name;
    result.local_name = name;
    result.value = value;
    parent.attributes.push_back(std::move(result));
}

std::string notes(const core::Descriptor& descriptor) {
    std::string text =
        descriptor.release_notes.empty() ? descriptor.description : descriptor.release_notes;
    if (!descriptor.change_log.empty()) {
        if (!text.empty()) text += "\n\n";
        text += descriptor.change_log;
    }
    return text;
}

/// What the notes make plain and nothing else: sites filter on it (`dnf upgrade --security`).
std::string kind(const std::string& text) {
    const std::string lower = core::lower(text);
    const auto says = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    if (says("cve-") || says("security fix") || says("security update") || says("vulnerabilit")) {
        return "security";
    }
    if (says("bug fix") || says("bugfix") || says("bug-fix") || says("fixes")) return "bugfix";
    return "enhancement";
}

/// "2026-11-22 14:48:57", the form that clients parse.
std::string issue_date(core::Time time) {
    std::string text = core::format_time(time);
    std::replace(text.begin(), text.end(), 'T', ' ');
    text.erase(std::remove(text.begin(), text.end(), 'Z'), text.end());
    return text;
}

bundle::Element package_element(const core::Package& package) {
    bundle::Element result = element("package");
    attribute(result, "name", package.name);
    attribute(result, "epoch", package.epoch.empty() ? "0" : package.epoch);
    attribute(result, "version", package.version);
    attribute(result, "release", package.release);
    attribute(result, "arch", package.architecture);
    result.children.push_back(
        element("filename", std::filesystem::path(package.path).filename().string()));
    return result;
}

/// The packages of one platform, as a list of packages in one collection.
bundle::Element package_list(const std::vector<const core::Package*>& packages,
                             const std::string& name) {
    bundle::Element collection = element("collection");
    attribute(collection, "short", name);
    collection.children.push_back(element("name", name));
    for (const core::Package* package : packages) {
        collection.children.push_back(package_element(*package));
    }
    bundle::Element list = element("pkglist");
    list.children.push_back(std::move(collection));
    return list;
}

}  // namespace

std::string release_advisory(const core::Release& release, const core::Platform& platform) {
    std::vector<const core::Package*> packages;
    for (const core::Package& package : release.packages) {
        if (package.platform == platform.name && !package.source) packages.push_back(&package);
    }
    if (packages.empty()) return {};
    std::sort(packages.begin(), packages.end(),
              [](const auto* a, const auto* b) { return a->path < b->path; });

    const std::string text = notes(release.descriptor);
    const std::string& provider = release.descriptor.provider;
    const std::string collection = release.line + "-" + platform.name;
    bundle::Element update = element("update");
    attribute(update, "from", provider.empty() ? release.line : provider);
    attribute(update, "status", "stable");
    attribute(update, "type", kind(text));
    attribute(update, "version", "1");
    update.children.push_back(element("id", release.id));
    update.children.push_back(element("title", release.product + " " + release.version));
    bundle::Element issued = element("issued");
    attribute(issued, "date", issue_date(release.admitted));
    update.children.push_back(std::move(issued));
    update.children.push_back(element("release", collection));
    update.children.push_back(element("description", text));
    update.children.push_back(package_list(packages, collection));
    return bundle::serialize(update);
}

}  // namespace yum
