// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/member_names.hpp"

#include <algorithm>
#include <utility>

#include "core/model/error.hpp"
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

void check_limit(std::uint64_t found, std::uint64_t most, const std::string& what,
                 std::string_view setting) {
    if (found <= most) return;
    throw core::Refused(core::reason::member_limit,
                        "it has more than " + std::to_string(most) + " " + what,
                        core::raise_bundle_limit("hand in several smaller releases", setting));
}

/// Of what is called `part` in a directory.
core::Digest digest_below(const core::Digest& directory, std::string_view part) {
    std::string whole(directory.bytes.begin(), directory.bytes.end());
    return core::sha256(whole += part);
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

void check_depth(std::string_view plain, const core::BundleLimits& limits) {
    const auto depth = static_cast<std::uint64_t>(std::ranges::count(plain, '/'));
    if (depth <= limits.depth) return;
    throw core::Refused(core::reason::member_limit,
                        std::string(plain) + " is in " + std::to_string(depth) +
                            " directories; at most " + std::to_string(limits.depth) + " are read",
                        core::raise_bundle_limit("put the files less deep", "depth"));
}

std::optional<Problem> NameRegister::add_file(std::string_view plain) {
    check_limit(bytes_ += plain.size(), limits_.names_mb << 20, "bytes in names", "names_mb");
    core::Digest name{};
    for (std::size_t slash = plain.find('/'); slash != plain.npos; slash = plain.find('/')) {
        name = digest_below(name, plain.substr(0, slash));
        plain.remove_prefix(slash + 1);
        if (files_.contains(name)) return twice();
        directories_.insert(name);
        check_limit(directories_.size(), limits_.members, "directories", "members");
    }
    name = digest_below(name, plain);
    if (directories_.contains(name) || !files_.insert(name).second) return twice();
    check_limit(files_.size(), limits_.members, "files", "members");
    return std::nullopt;
}

}  // namespace bundle
