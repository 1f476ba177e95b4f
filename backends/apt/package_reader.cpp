// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/package_reader.hpp"

#include "backends/apt/control.hpp"
#include "backends/apt/deb.hpp"
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
                            "its entry in Packages would be larger than apt reads",
                            "Shorten the control file.");
    }
    if (count_stanzas(text) != 1) throw core::Error("its entry in Packages is not one");
    return text;
}

}  // namespace

void DebReader::prepare() const {
    archive::prepare();
}

core::Inspection DebReader::read(core::File file, const core::Digest& digest,
                                 const core::PackageLimits&) const {
    const Deb deb = read_deb(std::move(file));
    // What is said of a package is said of the bytes that its digest stands for: these, and not
    // those that somebody else read before.
    if (deb.digest != digest) throw core::Error("its SHA-256 differs");
    const std::vector<Field> control = parse_control(deb.control);
    core::Inspection inspection;
    inspection.package = describe_package(control);
    inspection.package.digest = digest;
    inspection.package.size = deb.size;
    std::string files;
    for (const std::string& name : deb.files) files += name + "\n";
    inspection.fragments = {read_stanza(control, inspection.package), std::move(files)};
    return inspection;
}

}  // namespace apt
