// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/package_reader.hpp"

#include <algorithm>

#include "backends/apt/contents.hpp"
#include "backends/apt/control.hpp"
#include "backends/apt/deb.hpp"
#include "backends/apt/package_facts.hpp"
#include "backends/apt/packages_text.hpp"
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
}

core::Inspection DebReader::read(core::File file, const core::Digest& digest,
                                 const core::InspectionRule& rule) const {
    const Deb deb = read_deb(std::move(file));
    // What is said of a package is said of the bytes that its digest stands for: these, and not
    // those that somebody else read before.
    if (deb.digest != digest) throw core::Error("its SHA-256 differs");
    const std::vector<Field> control = parse_control(deb.control);
    core::Inspection inspection;
    inspection.package = describe_package(control);
    inspection.package.digest = digest;
    inspection.package.size = deb.size;
    inspection.package.remarks = remarks_on(control, deb, rule.remarks);
    std::string files;
    for (const std::string& name : deb.files) files += name + "\n";
    inspection.fragments = {read_stanza(control, inspection.package), std::move(files)};
    check_contents(inspection.fragments, rule.limits);
    return inspection;
}

}  // namespace apt
