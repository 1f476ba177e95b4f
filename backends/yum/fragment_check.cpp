// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/fragment_check.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "backends/yum/package_rules.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace yum {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 32> in_primary{"package",
                                                      "name",
                                                      "arch",
                                                      "version",
                                                      "checksum",
                                                      "summary",
                                                      "description",
                                                      "packager",
                                                      "url",
                                                      "time",
                                                      "size",
                                                      "location",
                                                      "format",
                                                      "rpm:license",
                                                      "rpm:vendor",
                                                      "rpm:group",
                                                      "rpm:buildhost",
                                                      "rpm:sourcerpm",
                                                      "rpm:header-range",
                                                      "rpm:provides",
                                                      "rpm:requires",
                                                      "rpm:conflicts",
                                                      "rpm:obsoletes",
                                                      "rpm:suggests",
                                                      "rpm:enhances",
                                                      "rpm:recommends",
                                                      "rpm:supplements",
                                                      "rpm:entry",
                                                      "file",
                                                      "rpm:packager",
                                                      "rpm:url",
                                                      "rpm:files"};
constexpr std::array<std::string_view, 3> in_filelists{"package", "version", "file"};
constexpr std::array<std::string_view, 3> in_other{"package", "version", "changelog"};

[[noreturn]] void refuse(std::string_view index, const std::string& what) {
    throw core::Refused(core::reason::package_corrupt,
                        fmt::format("its entry in {} would be {}", index, what),
                        "build the package with rpm 4");
}

/// The text is well-formed and has no sections, comments or instructions: each < begins a tag.
void check_elements(std::string_view index, std::string_view text, Names allowed) {
    for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        std::string_view name = text.substr(at + 1);
        if (name.starts_with('/')) continue;  // as it began
        name = name.substr(0, name.find_first_of(" \t\n/>"));
        if (std::ranges::find(allowed, name) == allowed.end()) {
            refuse(index, "one with an element that is unknown there");
        }
    }
}

/// Says `fact` of the package, and nothing else in the element that it begins.
void check_fact(std::string_view index, std::string_view text, const std::string& fact) {
    const std::string_view begin = std::string_view(fact).substr(0, fact.find_first_of(" >") + 1);
    const std::size_t at = text.find(begin);
    if (at == text.npos || !text.substr(at).starts_with(fact) ||
        text.find(begin, at + 1) != text.npos) {
        refuse(index, "that of another package");
    }
}

std::string version_element(const core::Package& package) {
    return fmt::format("<version epoch=\"{}\" ver=\"{}\" rel=\"{}\"/>",
                       package.epoch.empty() ? "0" : package.epoch, package.version,
                       package.release);
}

void check_text(std::string_view index, std::string_view text, Names allowed) {
    try {
        if (count_elements(text, prefix_in(index)) != 1) refuse(index, "not one");
    } catch (const core::Error& error) {
        refuse(index, error.what());
    }
    check_elements(index, text, allowed);
}

void check_beside(std::string_view index, std::string_view text, Names allowed,
                  const core::Package& package) {
    check_text(index, text, allowed);
    check_fact(index, text,
               fmt::format("<package pkgid=\"{}\" name=\"{}\" arch=\"{}\">", package.digest.hex(),
                           package.name, package.architecture));
    check_fact(index, text, version_element(package));
}

}  // namespace

void check_fragments(const shards::Fragments& fragments, const core::Package& package) {
    if (fragments.size() != 3) refuse("primary", "missing");
    if (package.path != path_of(package)) refuse("primary", "at another path");
    if (package.every_architecture != (package.architecture == "noarch") ||
        package.source != (package.architecture == "src") || !package.component.empty()) {
        refuse("primary", "in another place");
    }
    const std::string& primary = fragments[0];
    check_text("primary", primary, in_primary);
    for (const std::string& fact :
         {std::string("<package type=\"rpm\">"), "<name>" + package.name + "</name>",
          "<arch>" + package.architecture + "</arch>", version_element(package),
          "<checksum type=\"sha256\" pkgid=\"YES\">" + package.digest.hex() + "</checksum>",
          fmt::format("<size package=\"{}\" ", package.size),
          "<location href=\"" + package.path + "\"/>"}) {
        check_fact("primary", primary, fact);
    }
    check_beside("filelists", fragments[1], in_filelists, package);
    check_beside("other", fragments[2], in_other, package);
}

}  // namespace yum
