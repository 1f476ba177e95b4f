// SPDX-License-Identifier: GPL-3.0-or-later
// Revisions A to E: a release that lists packages by name and version, or says where they are.
#include <fmt/format.h>

#include "backends/bundle/descriptor_reading.hpp"
#include "backends/bundle/descriptor_values.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

void read_package(const Element& element, Reading& reading, core::Descriptor& descriptor) {
    core::ListedPackage package;
    package.name = reading.mandatory(element, {"Name"});
    package.version = reading.mandatory(element, {"Version"});
    const std::vector<std::string> platforms = words(reading.text(element, {"SupportedPlatforms"}));
    const std::vector<std::string> architectures = words(reading.text(element, {"Architecture"}));
    reading.add_targets(platforms, architectures, descriptor);
    if (platforms.size() == 1) package.platform = platforms.front();
    if (architectures.size() == 1 && core::lower(architectures.front()) != "any") {
        package.architecture = architectures.front();
    }
    reading.add_package(std::move(package), element, descriptor);
}

/// Without packages there has to be a place to get them from; a bundle brings its own.
void expect_packages(const Element& release, Reading& reading, const core::Descriptor& descriptor) {
    if (descriptor.lists_packages || !descriptor.sync_url.empty()) return;
    reading.findings().warning(reason::packages_not_listed, place_of(release),
                               reading.path(release),
                               "no package is listed, and no SynchURL says where they are",
                               "add SynchURL, or a Package for each; a bundle that holds the "
                               "packages needs neither");
}

}  // namespace

core::Descriptor read_release(Revision revision, const Element& release,
                              const std::vector<const Element*>& packages, Reading& reading) {
    core::Descriptor descriptor;
    const bool package_is_release = revision == Revision::a;
    // In revision A the packages themselves are asked for both, below.
    descriptor.product = package_is_release ? collapsed(reading.text(release, {"Name"}))
                                            : reading.mandatory(release, {"Name"});
    descriptor.version = package_is_release ? collapsed(reading.text(release, {"Version"}))
                                            : reading.mandatory(release, {"Version"});
    descriptor.provider =
        collapsed(reading.text(release, {"SoftwareProvider", "TechnologyProvider"}));
    descriptor.dry_run = is_dry_run_provider(descriptor.provider);
    reading.read_common(release, descriptor);
    reading.read_date_of(release, false, descriptor);
    reading.read_synchronisation(release, descriptor);
    reading.expect(release, {"Contact"});
    reading.expect(release, {"Description"});
    reading.expect(release, {"Date"});
    if (package_is_release) {
        reading.expect(release, {"ReleaseNotesURL", "ReleaseNotes"});
    } else if (revision != Revision::b) {
        reading.expect(release, {"ReleaseNotes"});
    }
    for (const Element* package : packages) read_package(*package, reading, descriptor);
    descriptor.lists_packages = !packages.empty();
    expect_packages(release, reading, descriptor);
    return descriptor;
}

core::Descriptor read_distribution(const Element& release, Reading& reading) {
    core::Descriptor descriptor;
    descriptor.product = reading.mandatory(release, {"DistributionShortName", "DistributionName"});
    descriptor.version =
        reading.version_of_parts(release, {"MajorVersion", "MinorVersion", "RevisionVersion"});
    descriptor.provider = collapsed(reading.text(release, {"TechnologyProvider"}));
    descriptor.dry_run = is_dry_run_provider(descriptor.provider);
    reading.read_common(release, descriptor);
    reading.read_date_of(release, true, descriptor);
    reading.read_synchronisation(release, descriptor);
    reading.expect(release, {"Contact"});
    reading.expect(release, {"Description"});
    reading.expect(release, {"ISODate"});
    reading.expect(release, {"ReleaseNotes"});
    expect_packages(release, reading, descriptor);
    return descriptor;
}

}  // namespace bundle
