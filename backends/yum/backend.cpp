// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/backend.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "backends/yum/advisory.hpp"
#include "backends/yum/documents_cell.hpp"
#include "backends/yum/own_document.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

const std::string source_tree = "source";

bool lists(const core::Platform& platform, std::string_view architecture) {
    const auto& all = platform.architectures;
    return std::find(all.begin(), all.end(), architecture) != all.end();
}

bool is_ix86(std::string_view architecture) {
    constexpr std::array<std::string_view, 4> family = {"i386", "i486", "i586", "i686"};
    return std::find(family.begin(), family.end(), architecture) != family.end();
}

/// The trees that take a package. 32-bit packages stand in the x86_64 tree, as multilib wants them,
/// unless the platform has a tree for them.
std::vector<std::string> trees(const core::Platform& platform, const core::Package& package) {
    if (package.source) return {source_tree};
    if (package.every_architecture) return platform.architectures;
    if (lists(platform, package.architecture)) return {package.architecture};
    if (is_ix86(package.architecture)) {
        for (const char* tree : {"i386", "i686", "x86_64"}) {
            if (lists(platform, tree)) return {tree};
        }
    }
    throw core::Refused(
        core::reason::architecture_unknown,
        fmt::format("{} is for the architecture {}, which {} does not have ({})",
                    core::escaped(package.label()), core::escaped(package.architecture),
                    platform.name, core::join(platform.architectures, ", ")),
        "build the package for an architecture of the platform, or leave it out");
}

std::set<std::string> names_of(const core::Release& release, const core::Platform& platform) {
    std::set<std::string> names;
    for (const core::Package& package : release.packages) {
        if (package.platform == platform.name) names.insert(package.name);
    }
    return names;
}

}  // namespace

std::vector<core::Section> YumBackend::sections(const core::Platform& platform,
                                                const core::Package* package) const {
    std::vector<core::Section> result;
    if (package != nullptr) {
        for (const std::string& tree : trees(platform, *package)) {
            result.push_back({tree, "packages"});
        }
        return result;
    }
    for (const std::string& tree : platform.architectures) {
        for (const char* index : {"group", "packages", "updateinfo"}) {
            result.push_back({tree, index});
        }
    }
    result.push_back({source_tree, "packages"});
    return result;
}

core::Backend::Documents YumBackend::documents(const core::Release& release,
                                               const core::Platform& platform,
                                               const Bundled& bundled) const {
    Documents result;
    const auto add = [&](const char* index, std::string name, std::string bytes) {
        NewDocument document;
        document.document.index = index;
        document.document.platform = platform.name;
        document.document.name = std::move(name);
        document.bytes = std::move(bytes);
        result.documents.push_back(std::move(document));
    };
    std::string own = release_advisory(release, platform);
    const std::set<std::string> brought = names_of(release, platform);
    auto [carried, foreign] =
        read_in_cell(inspector_.cells(), bundled.texts, own.empty() ? "" : release.id,
                     bundled.keep_foreign ? nullptr : &brought);
    result.foreign = std::move(foreign);
    if (!own.empty()) add("updateinfo", "advisory", std::move(own));
    for (std::size_t i = 0; i < carried.updates.size(); ++i) {
        add("updateinfo", fmt::format("bundled-{:05}", i + 1), carried.updates[i]);
    }
    for (std::size_t i = 0; i < carried.groups.size(); ++i) {
        add("group", fmt::format("bundled-{:05}", i + 1), carried.groups[i]);
    }
    return result;
}

std::set<std::string> YumBackend::ids(std::string_view bytes_of_document) const {
    return ids_in(parse_own(bytes_of_document));
}

}  // namespace yum
