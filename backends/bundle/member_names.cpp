// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/member_names.hpp"

#include <algorithm>
#include <utility>

#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

using core::Problem;

constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_part = 255;  // what Linux file systems can hold

Problem traversal(std::string message) {
    return core::error_at("", core::reason::path_traversal, std::move(message),
                          "pack the files with relative names below one directory");
}

Problem bad_name(std::string message) {
    return core::error_at("", core::reason::member_name, std::move(message), "rename the file");
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Problem twice() {
    return core::error_at("", core::reason::duplicate_member, "there are two members of this name",
                          "pack each file once");
}

}  // namespace

std::optional<Problem> name_problem(std::string_view name) {
    if (name.empty()) return bad_name("the member has no name");
    if (name.find('\0') != name.npos) return bad_name("there is a NUL in the name");
    if (!core::valid_utf8(name)) return bad_name("the name is not UTF-8");
    if (core::has_control_characters(name)) {
        return bad_name("there is a control character in the name, or one that reorders it");
    }
    if (name.front() == '/') return traversal("the name is absolute");
    if (name.find('\\') != name.npos) return traversal("there is a backslash in the name");
    if (name.size() >= 2 && is_letter(name[0]) && name[1] == ':') {
        return traversal("the name begins with a drive letter");
    }
    if (name.size() > longest_name) {
        return bad_name("the name has " + std::to_string(name.size()) + " bytes");
    }
    for (const std::string& part : core::split(name, "/")) {
        if (part == "..") return traversal("the name leads out of the bundle (..)");
        if (part.size() > longest_part) {
            return bad_name("a part of the name has " + std::to_string(part.size()) + " bytes");
        }
    }
    return std::nullopt;
}

std::string plain_name(std::string_view name) {
    std::vector<std::string> parts = core::split(name, "/");
    std::erase(parts, ".");
    return core::join(parts, "/");
}

std::optional<Problem> NameRegister::add_file(const std::string& plain) {
    for (std::size_t slash = plain.rfind('/'); slash != plain.npos && slash > 0;
         slash = plain.rfind('/', slash - 1)) {
        const std::string directory = plain.substr(0, slash);
        if (files_.contains(directory)) return twice();
        // The directories above are known too, then.
        if (!directories_.insert(directory).second) break;
    }
    if (directories_.contains(plain) || !files_.insert(plain).second) return twice();
    return std::nullopt;
}

}  // namespace bundle
