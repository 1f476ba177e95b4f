// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/members.hpp"

#include <algorithm>

#include "backends/apt/refusal.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

/// dpkg unpacks a file beside its place, with ".dpkg-new" after its name.
constexpr std::size_t longest_component = 255 - 9;

core::Refused bad_member(std::string_view name, const std::string& why) {
    return corrupt("its member " + core::escaped(name.substr(0, 200)) + " " + why);
}

void check_type(const archive::Member& member) {
    using archive::Type;
    switch (member.type) {
        case Type::regular:
        case Type::directory:
        case Type::symbolic_link:
        case Type::hard_link:
        case Type::fifo:  // nobody's harm
            return;
        case Type::character_device:
        case Type::block_device:
            throw unsupported("the package's member " + core::escaped(member.name) + " is " +
                                  std::string(description(member.type)),
                              "Make it in the postinst script (Debian Policy 10.6).");
        default:
            throw bad_member(member.name, "is " + std::string(description(member.type)) +
                                              ", which dpkg does not unpack");
    }
}

}  // namespace

std::string_view installed_name(std::string_view name) {
    std::string_view rest = name;
    if (rest == ".") return {};
    while (rest.starts_with("./")) rest.remove_prefix(2);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const std::string_view installed = rest;
    if (name.empty()) throw bad_member(name, "has no name");
    if (name.find('\n') != name.npos) throw bad_member(name, "has a line break in its name");
    if (name.find('\0') != name.npos) throw bad_member(name, "has a NUL in its name");
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('/'));
        if (part.empty()) throw bad_member(name, "has an empty part in its name");
        if (part == "." || part == "..") throw bad_member(name, "has . or .. in its name");
        if (part.size() > longest_component) throw bad_member(name, "has a part that is too long");
        rest.remove_prefix(part.size());
        if (rest.size() == 1) throw bad_member(name, "has an empty part in its name");
        if (!rest.empty()) rest.remove_prefix(1);
    }
    return installed;
}

Members::Members(const core::PackageLimits& limits) : limits_(limits) {}

void Members::count(std::size_t bytes) {
    // They go into an index of contents.
    bytes_ += bytes;
    if (bytes_ > limits_.filelists_mb << 20 || bytes_ >> 32 != 0) {
        throw over_limit(
            "the names of its files have " + std::to_string(bytes_ >> 20) + " MiB or more",
            "filelists_mb", limits_.filelists_mb);
    }
}

void Members::add(const archive::Member& member) {
    if (++members_ > limits_.files) {
        throw over_limit("it has " + std::to_string(members_) + " files or more", "files",
                         limits_.files);
    }
    check_type(member);
    const std::string_view installed = installed_name(member.name);
    const bool directory = member.type == archive::Type::directory;
    if (installed.empty()) {
        if (!directory) throw bad_member(member.name, "is no directory");
        return;
    }
    if (!directory && member.name.ends_with('/')) throw bad_member(member.name, "has no name");
    count(installed.size());
    entries_.push_back({static_cast<std::uint32_t>(names_.size()),
                        static_cast<std::uint32_t>(installed.size()), members_, member.type});
    names_ += installed;
    if (member.type == archive::Type::symbolic_link && member.link.empty()) {
        throw bad_member(member.name, "is a link to nothing");
    }
    if (member.type == archive::Type::hard_link) {
        const std::string_view target = installed_name(member.link);
        count(target.size());
        hard_links_.push_back({std::string(target), members_});
    }
}

std::vector<Members::Entry>::const_iterator Members::find(std::string_view wanted) const {
    return std::lower_bound(
        entries_.begin(), entries_.end(), wanted,
        [&](const Entry& entry, std::string_view text) { return name(entry) < text; });
}

void Members::check_unique() const {
    for (std::size_t i = 1; i < entries_.size(); ++i) {
        const Entry& before = entries_[i - 1];
        const Entry& entry = entries_[i];
        if (name(before) != name(entry)) continue;
        throw bad_member(name(entry), "is there twice");
    }
}

/// Below what is no directory there is nothing, wherever it stands in the archive.
void Members::check_parents() const {
    std::string below;
    for (const Entry& entry : entries_) {
        if (entry.type == archive::Type::directory) continue;
        below.assign(name(entry)) += '/';
        const auto first = find(below);
        if (first != entries_.end() && name(*first).starts_with(below)) {
            throw bad_member(name(*first), "lies below " + core::escaped(name(entry)) +
                                               ", which is " +
                                               std::string(description(entry.type)));
        }
    }
}

/// dpkg makes a link at once, so what it names has to be there; symbolic links it makes at the end.
void Members::check_hard_links() const {
    for (const HardLink& link : hard_links_) {
        const auto target = find(link.target);
        const bool earlier =
            target != entries_.end() && name(*target) == link.target && target->order < link.order;
        const bool file = earlier && (target->type == archive::Type::regular ||
                                      target->type == archive::Type::hard_link);
        if (!file) {
            throw corrupt("a hard link in it leads to " + core::escaped(link.target) +
                          ", which is no file before it");
        }
    }
}

std::string Members::finish() {
    std::sort(entries_.begin(), entries_.end(),
              [&](const Entry& a, const Entry& b) { return name(a) < name(b); });
    check_unique();
    check_parents();
    check_hard_links();
    std::string files;
    files.reserve(names_.size() + entries_.size());
    for (const Entry& entry : entries_) {
        const std::string_view text = name(entry);
        if (entry.type == archive::Type::directory) continue;
        // An index of contents has a line for each file: it cannot name these.
        if (!core::valid_utf8(text) || core::has_control_characters(text, core::Text::line)) {
            continue;
        }
        files.append(text) += '\n';
    }
    return files;
}

}  // namespace apt
