// SPDX-License-Identifier: GPL-3.0-or-later
// Revision F: one product for one platform and architecture, its packages by URL.
#include <fmt/format.h>
#include <optional>

#include "backends/bundle/descriptor_reading.hpp"
#include "backends/bundle/descriptor_values.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

std::string mandatory_attribute(const Element& package, std::string_view name, Reading& reading) {
    std::string value = find_attribute(package, name);
    const std::string path = fmt::format("{}/@{}", reading.path(package), name);
    if (value.empty()) {
        reading.findings().error(reason::missing_element, place_of(package), path,
                                 fmt::format("the attribute {} is missing or empty", name),
                                 fmt::format("add {}=\"…\"", name));
    } else {
        reading.check_name(value, place_of(package), path);
    }
    return value;
}

/// Neither part of an RPM's or Debian package's version holds the dash that joins them.
void check_cut(const core::ListedPackage& package, const Element& element, Reading& reading) {
    const bool uncut = package.release.empty() && package.version.find('-') != std::string::npos;
    const bool cut_early = package.release.find('-') != std::string::npos;
    if (!uncut && !cut_early) return;
    reading.findings().warning(
        reason::bad_version, place_of(element), reading.path(element),
        fmt::format("version '{}' and release '{}' are cut at the wrong place",
                    excerpt(package.version), excerpt(package.release)),
        "the release is what follows the last dash");
}

void read_package(const Element& element, const std::string& platform, Reading& reading,
                  core::Descriptor& descriptor) {
    core::ListedPackage package;
    package.name = mandatory_attribute(element, "pkgname", reading);
    package.version = mandatory_attribute(element, "version", reading);
    package.release = find_attribute(element, "release");
    package.architecture = find_attribute(element, "arch");
    if (core::lower(package.architecture) == "any") package.architecture.clear();
    package.platform = platform;
    package.file_name = find_attribute(element, "filename");
    const std::vector<std::string> urls = core::split(find_attribute(element, "url"), " ");
    if (!urls.empty()) package.url = urls.front();
    check_cut(package, element, reading);
    reading.add_package(std::move(package), element, descriptor);
    descriptor.lists_packages = true;
}

void read_packages(const Element& release, const Element* meta, const std::string& platform,
                   Reading& reading, core::Descriptor& descriptor) {
    for (const Element* holder : {meta, &release}) {
        const Element* packages = holder ? find_child(*holder, "packages") : nullptr;
        if (!packages) continue;
        for (const Element& package : packages->children) {
            if (same_name(package.local_name, "package")) {
                read_package(package, platform, reading, descriptor);
            }
        }
    }
    if (descriptor.lists_packages || !descriptor.sync_url.empty()) return;
    reading.findings().warning(reason::packages_not_listed, place_of(release),
                               reading.path(release),
                               "no package is listed, and no synchURL says where they are",
                               "add packages/package for each; a bundle that holds the packages "
                               "needs none");
}

/// The value that the descriptor gives; without it, that of the short name. They should agree.
std::string target(const Element* meta, std::string_view element_name, const std::string& by_name,
                   Reading& reading) {
    std::string value = meta ? collapsed(reading.text(*meta, {element_name})) : std::string();
    if (value.empty()) return by_name;
    const std::string given = core::lower(value);
    if (!by_name.empty() && given != "any" && given != core::lower(by_name)) {
        const Element& element = *find_child(*meta, element_name);
        reading.findings().warning(
            reason::bad_value, place_of(element), reading.path(element),
            fmt::format("'{}' disagrees with the productShortName, which says '{}'; it was taken",
                        excerpt(value), excerpt(by_name)),
            "correct one of them");
    }
    return value;
}

std::optional<ShortName> short_name_of(const Element& release, Reading& reading) {
    const std::string text = collapsed(reading.text(release, {"productShortName"}));
    if (text.empty()) return std::nullopt;
    std::optional<ShortName> name = read_short_name(text);
    if (!name) {
        const Element& element = *find_child(release, "productShortName");
        reading.findings().warning(
            reason::bad_value, place_of(element), reading.path(element),
            fmt::format("'{}' is not of the form PROVIDER.product.platform.architecture",
                        excerpt(text)),
            "write it such as INFN.argus.centos7.x86_64");
    }
    return name;
}

void read_provider(const Element& release, const std::optional<ShortName>& name, Reading& reading,
                   core::Descriptor& descriptor) {
    const std::string provider = collapsed(reading.text(release, {"technologyProvider"}));
    const std::string brief = collapsed(reading.text(release, {"technologyProviderShortName"}));
    const std::string prefix = name ? name->provider : std::string();
    descriptor.provider = !provider.empty() ? provider : !brief.empty() ? brief : prefix;
    descriptor.dry_run =
        is_dry_run_provider(provider) || is_dry_run_provider(brief) || is_dry_run_provider(prefix);
}

}  // namespace

core::Descriptor read_product(const Element& release, Reading& reading) {
    core::Descriptor descriptor;
    const std::optional<ShortName> name = short_name_of(release, reading);
    descriptor.product =
        name ? name->product : reading.mandatory(release, {"productShortName", "productName"});
    if (name) {
        const Element& element = *find_child(release, "productShortName");
        reading.check_name(name->product, place_of(element), reading.path(element));
    }
    descriptor.version =
        reading.version_of_parts(release, {"majorVersion", "minorVersion", "revisionVersion"});
    read_provider(release, name, reading, descriptor);
    reading.read_common(release, descriptor);
    reading.read_date_of(release, true, descriptor);
    reading.read_synchronisation(release, descriptor);
    descriptor.emergency = read_flag(reading.text(release, {"emergency"})).value_or(false);
    descriptor.incremental = read_flag(reading.text(release, {"incremental"})).value_or(false);
    reading.expect(release, {"contact", "technicalContact"});
    reading.expect(release, {"description"});
    reading.expect(release, {"ISODate"});
    reading.expect(release, {"releaseNotes"});
    const Element* meta = find_child(release, "UMDmeta");
    const std::string platform =
        target(meta, "targetPlatform", name ? name->platform : std::string(), reading);
    const std::string architecture =
        target(meta, "targetArch", name ? name->architecture : std::string(), reading);
    reading.add_targets(words(platform), words(architecture), descriptor);
    read_packages(release, meta, words(platform).size() == 1 ? platform : std::string(), reading,
                  descriptor);
    return descriptor;
}

}  // namespace bundle
