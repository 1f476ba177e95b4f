// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/package_reader.hpp"

#include <algorithm>

#include "backends/apt/apt_parser.hpp"
#include "backends/apt/contents.hpp"
#include "backends/apt/control.hpp"
#include "backends/apt/deb.hpp"
#include "backends/apt/package_facts.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/refusal.hpp"
#include "backends/apt/relation.hpp"
#include "backends/apt/stanza.hpp"
#include "backends/archive/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace apt {
namespace {

/// The entry in Packages, as apt will read it.
std::string read_stanza(const std::vector<Field>& control, const core::Package& package) {
    std::string text = stanza(control, package);
    if (text.size() > largest_stanza) {
        throw core::Refused(core::reason::control_size,
                            "its entry in Packages would have " + std::to_string(text.size()) +
                                " bytes; apt reads at most " + std::to_string(largest_stanza),
                            "Shorten the control file.");
    }
    if (count_stanzas(text) != 1) throw core::Error("its entry in Packages is not one");
    return text;
}

void check_as_apt_does(const std::string& stanza) {
    const std::string objection = apt_objection(stanza);
    if (objection.empty()) return;
    throw core::Refused(core::reason::package_relation,
                        "apt does not read its entry in Packages: " + objection,
                        "Write the control file by Debian Policy 5 and 7.");
}

void check_dependencies(const std::vector<Field>& control, const core::PackageLimits& limits) {
    std::uint64_t count = 0;
    for (const Field& field : control) {
        if (!field.value.empty() && is_relation(field.name)) count += count_relations(field.value);
    }
    if (count > limits.dependencies) {
        throw over_limit("it has " + std::to_string(count) + " relations to other packages",
                         "dependencies", limits.dependencies);
    }
}

/// Its lines of Contents: each of its files, and whose it is.
void check_contents(const std::vector<std::string>& fragments, const core::PackageLimits& limits) {
    const std::string& files = fragments.at(1);
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(files, '\n'));
    const std::uint64_t owner = contents_owner(fragments.at(0)).size() + 1;
    core::check_index_size("its part of Contents", files.size() + lines * owner,
                           limits.filelists_mb, "filelists_mb");
}

}  // namespace

void DebReader::prepare() const {
    archive::prepare();
    prepare_apt_parser();
}

core::Inspection DebReader::read(core::File file, const core::Digest& digest,
                                 const core::InspectionRule& rule) const {
    const auto source = archive::Source::once(std::move(file));
    Deb deb = rule.admitted ? read_admitted_deb(source) : read_deb(source, rule.limits);
    // What is said of a package is said of the bytes that its digest stands for: these, and not
    // those that somebody else read before.
    if (deb.digest != digest) throw core::Error("its SHA-256 differs");
    const std::vector<Field> control = parse_control(deb.control);
    if (!rule.admitted) check_dependencies(control, rule.limits);
    core::Inspection inspection;
    inspection.package = describe_package(control);
    inspection.package.digest = digest;
    inspection.package.size = deb.size;
    inspection.package.remarks = remarks_on(control, deb, rule.remarks);
    inspection.fragments = {read_stanza(control, inspection.package), std::move(deb.files)};
    if (!rule.admitted) {
        check_as_apt_does(inspection.fragments.front());
        check_contents(inspection.fragments, rule.limits);
    }
    return inspection;
}

}  // namespace apt
