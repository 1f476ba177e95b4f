// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/package_facts.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "backends/yum/tags.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

namespace reason = core::reason;

constexpr std::uint64_t type_mask = 0170000, regular = 0100000, set_id = 06000;
constexpr std::uint64_t ghost = 1u << 6;  // RPMFILE_GHOST: named, but not brought

/// Whoever installs such a package gets what it says instead of the one it speaks of; Supplements
/// makes dnf install it unasked beside that one. (What it Requires, it leaves as it is.)
struct Claim {
    const char* field;
    std::uint32_t tag;
};
constexpr Claim claims[] = {{"Provides", tag::provide_name},
                            {"Obsoletes", tag::obsolete_name},
                            {"Conflicts", tag::conflict_name},
                            {"Supplements", tag::supplement_name}};

/// The packages that a relation speaks of: "glibc(x86-64)" of glibc, a rich one of several.
std::vector<std::string> names_in(std::string_view relation) {
    if (relation.starts_with('(')) return core::split(relation, " ()");
    return {std::string(relation.substr(0, relation.find('(')))};
}

void add_relations(core::Remarks& remarks, const HeaderView& header, const core::Package& package,
                   const core::RemarkRule& rule) {
    if (rule.is_base(package.name)) {
        core::add_remark(remarks, reason::base_relation, "Name: " + package.name);
    }
    for (const Claim& claim : claims) {
        for (const std::string_view relation : header.texts(claim.tag)) {
            for (const std::string& name : names_in(relation)) {
                if (name == package.name || !rule.is_base(name)) continue;  // it provides itself
                core::add_remark(remarks, reason::base_relation,
                                 fmt::format("{}: {}", claim.field, name));
            }
        }
    }
}

/// dnf does not remove what a file in this directory names.
bool protects(std::string_view path) {
    return path.starts_with("/etc/dnf/protected.d/") || path.starts_with("/etc/yum/protected.d/");
}

void add_files(core::Remarks& remarks, const HeaderView& header, const core::RemarkRule& rule) {
    const auto directories = header.texts(tag::dir_names);
    const auto places = header.numbers(tag::dir_indexes);
    const auto names = header.texts(tag::base_names);
    const auto modes = header.numbers(tag::file_modes);
    const auto flags = header.numbers(tag::file_flags);
    const auto capabilities = header.texts(tag::file_capabilities);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if ((flags[i] & ghost) != 0) continue;
        const std::string path = fmt::format("{}{}", directories[places[i]], names[i]);
        // A directory that is set-group-id hands its group on, and no rights.
        const bool runs_as_owner = (modes[i] & type_mask) == regular && (modes[i] & set_id) != 0;
        const bool is_capable = i < capabilities.size() && !capabilities[i].empty();
        if (runs_as_owner || is_capable) core::add_remark(remarks, reason::set_id_file, path);
        if (!rule.is_usual(path)) core::add_remark(remarks, reason::unusual_place, path);
        if (protects(path)) core::add_remark(remarks, reason::is_protected, path);
    }
}

}  // namespace

core::Remarks remarks_on(const HeaderView& header, const core::Package& package,
                         const core::RemarkRule& rule) {
    core::Remarks remarks;
    if (package.source) return remarks;
    add_relations(remarks, header, package, rule);
    add_files(remarks, header, rule);
    return remarks;
}

}  // namespace yum
