// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/package_facts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/model/text.hpp"

namespace apt {
namespace {

namespace reason = core::reason;

constexpr std::pair<const char*, core::reason::Code> flags[] = {
    {"Essential", reason::essential},
    {"Important", reason::important},
    {"Protected", reason::is_protected}};

/// Whoever installs such a package gets what it says instead of the one it speaks of.
constexpr std::array claims{"Provides", "Conflicts", "Breaks", "Replaces"};

/// As apt reads it; what it does not understand may be a yes to somebody else.
bool says_no(std::string_view flag) {
    constexpr std::array<std::string_view, 6> no{"no", "false", "without", "off", "disable", "0"};
    return flag.empty() || std::ranges::find(no, core::lower(flag)) != no.end();
}

/// "libc6 (= 2.36) | libc6.1:any" as libc6 and libc6.1.
std::vector<std::string> names_in(std::string_view relations) {
    std::vector<std::string> names;
    for (const std::string& relation : core::split(relations, ",|")) {
        const std::string_view text = core::trimmed(relation);
        names.emplace_back(text.substr(0, text.find_first_of(" \t\n(:[<")));
    }
    return names;
}

void add_flags(core::Remarks& remarks, const std::vector<Field>& control) {
    for (const auto& [field, kind] : flags) {
        const std::string_view value = core::trimmed(value_of(control, field));
        if (!says_no(value)) {
            core::add_remark(remarks, kind, std::string(field) + ": " + std::string(value));
        }
    }
}

void add_relations(core::Remarks& remarks, const std::vector<Field>& control,
                   const core::RemarkRule& rule) {
    const std::string_view own = value_of(control, "Package");
    if (rule.is_base(own)) {
        core::add_remark(remarks, reason::base_relation, "Package: " + std::string(own));
    }
    for (const char* field : claims) {
        for (const std::string& name : names_in(value_of(control, field))) {
            if (name == own || !rule.is_base(name)) continue;
            core::add_remark(remarks, reason::base_relation, std::string(field) + ": " + name);
        }
    }
}

}  // namespace

core::Remarks remarks_on(const std::vector<Field>& control, const Deb& deb,
                         const core::RemarkRule& rule) {
    core::Remarks remarks;
    add_flags(remarks, control);
    add_relations(remarks, control, rule);
    for (const std::string& name : deb.set_id_files) {
        core::add_remark(remarks, reason::set_id_file, "/" + name);
    }
    std::string_view files = deb.files;
    while (!files.empty()) {
        const std::size_t end = files.find('\n');
        const std::string path = "/" + std::string(files.substr(0, end));
        files.remove_prefix(end + 1);
        if (!rule.is_usual(path)) core::add_remark(remarks, reason::unusual_place, path);
    }
    return remarks;
}

}  // namespace apt
