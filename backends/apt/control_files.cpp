// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/control_files.hpp"

#include <algorithm>
#include <string_view>

#include "backends/apt/members.hpp"
#include "backends/apt/refusal.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

constexpr std::uint64_t file_limit = 1ull << 20;  // Debian's largest control file has some 10 KiB

bool is_read(std::string_view name) {
    return name == "control" || name == "conffiles";
}

core::Refused bad_conffile(std::string_view line, const std::string& why) {
    return corrupt("a line of its conffiles " + why + ": " + core::escaped(line.substr(0, 80)));
}

/// As dpkg reads it before it unpacks anything.
void check_conffiles(std::string_view text) {
    constexpr std::size_t longest_line = 1000;
    if (text.find('\0') != text.npos) throw corrupt("there is a NUL in its conffiles");
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == text.npos) throw bad_conffile(text, "has no end");
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (line.size() > longest_line) throw bad_conffile(line, "is too long");
        constexpr std::string_view spaces = " \t\r\v\f";
        line = line.substr(0, line.find_last_not_of(spaces) + 1);
        if (line.empty() || line.starts_with('/')) continue;
        constexpr std::string_view flag = "remove-on-upgrade ";
        if (!line.starts_with(flag) || !line.substr(flag.size()).starts_with('/')) {
            throw bad_conffile(line, "is no absolute path");
        }
    }
}

}  // namespace

void ControlFiles::add(const archive::Member& member, archive::Reader& reader) {
    const std::string name(installed_name(member.name));
    if (name.empty() && member.type == archive::Type::directory) return;
    if (member.type != archive::Type::regular) {
        throw corrupt("its control archive has " + std::string(description(member.type)) + ", " +
                      core::escaped(member.name));
    }
    if (name.empty() || name.find('/') != name.npos) {
        throw corrupt("its control archive has directories: " + core::escaped(member.name));
    }
    const auto [place, added] = files_.try_emplace(name);
    if (!added) throw corrupt("its control archive has " + core::escaped(name) + " twice");
    if (!is_read(name)) return;
    if (member.size > file_limit) {
        throw core::Refused(core::reason::control_size,
                            "the file " + name + " of the package's control archive has " +
                                std::to_string(member.size) + " bytes; at most " +
                                std::to_string(file_limit) + " are read");
    }
    place->second = reader.read_all(file_limit);
}

std::string ControlFiles::finish() {
    if (const auto& list = files_["conffiles"]) check_conffiles(*list);
    auto& control = files_["control"];
    if (!control) throw corrupt("it has no control file");
    return std::move(*control);
}

}  // namespace apt
