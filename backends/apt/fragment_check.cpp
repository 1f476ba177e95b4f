// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/fragment_check.hpp"

#include "backends/apt/control.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/stanza.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw core::Refused(core::reason::package_corrupt, "its entry in Packages would be " + what);
}

/// Each stands once: the text was read.
void check_field(std::string_view stanza, const std::string& name, const std::string& value) {
    const std::string field = "\n" + name + ": " + value + "\n";
    if (stanza.find(field) == stanza.npos) refuse("that of another package");
}

void check_stanza(const std::string& stanza, const core::Package& package) {
    try {
        if (count_stanzas(stanza) != 1) refuse("not one");
    } catch (const core::Error& error) {
        refuse(error.what());
    }
    core::Package described = describe_package(parse_control(stanza));
    described.digest = package.digest;
    described.size = package.size;
    described.remarks = package.remarks;
    if (described != package) refuse("that of another package");
    check_field(stanza, "Filename", package.path);
    check_field(stanza, "Size", std::to_string(package.size));
    check_field(stanza, "SHA256", package.digest.hex());
}

/// Names that a line of Contents can hold.
void check_files(std::string_view files) {
    while (!files.empty()) {
        const std::size_t end = files.find('\n');
        const std::string_view name = files.substr(0, end);
        if (end == files.npos || name.empty() || !core::valid_utf8(name) ||
            core::has_control_characters(name, core::Text::line)) {
            throw core::Refused(core::reason::package_corrupt,
                                "the list of its files has a name that is none");
        }
        files.remove_prefix(end + 1);
    }
}

}  // namespace

void check_fragments(const shards::Fragments& fragments, const core::Package& package) {
    if (fragments.size() != fragment_count) refuse("missing");
    check_stanza(fragments[0], package);
    check_files(fragments[1]);
}

}  // namespace apt
