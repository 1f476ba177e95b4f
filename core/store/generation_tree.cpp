// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/generation_tree.hpp"

#include <optional>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view generations_name = "generations/";

std::string root_of(std::uint64_t generation) {
    return std::string(generations_name) + Layout::generation_name(generation);
}

std::string below(const std::string& directory, const std::string& name) {
    return directory.empty() ? name : directory + "/" + name;
}

/// The place that a link in `directory` leads to, if that is one in a generation; both are below
/// public/.
std::optional<std::string> place_of_link(const fs::path& public_tree, const std::string& directory,
                                         const std::string& name) {
    const std::string target = pointed(public_tree / directory / name).native();
    const std::string up = relative_link(directory, "");
    if (!target.starts_with(up + std::string(generations_name))) return std::nullopt;
    std::string place = target.substr(up.size());
    for (const std::string& part : split(place, "/")) {
        if (part.empty() || part == "." || part == "..") return std::nullopt;
    }
    return place;
}

Error damaged(const fs::path& path) {
    return Error(path.string() +
                 " is damaged or missing in the generation that is published now; `sluice refresh` "
                 "makes it anew");
}

/// One making of the tree.
class Growth {
  public:
    Growth(const fs::path& public_tree, const TreeChange& change, const fs::path& directory)
        : public_tree_(public_tree), change_(change), directory_(directory) {}

    std::set<std::string> run(std::uint64_t before) {
        if (before != 0) fill("", root_of(before));
        for (const std::string& path : change_.opened) open(path);
        for (const std::string& path : change_.made) open(fs::path(path).parent_path());
        return std::move(own_);
    }

  private:
    /// Goes through what the generation before has in `path`, which really stands in `place`.
    void fill(const std::string& path, const std::string& place) {
        std::size_t linked = 0;
        for (const Entry& entry : entries(public_tree_ / place)) {
            const std::string name = entry.name();
            const std::string child = below(path, name);
            // Files are written by those who know what they should be.
            if (entry.kind != Kind::directory && entry.kind != Kind::link) continue;
            if (change_.made.contains(child) || change_.gone.contains(child)) continue;
            const auto there = entry.kind == Kind::directory
                                   ? std::optional(place + "/" + name)
                                   : place_of_link(public_tree_, place, name);
            if (!there || kind_of(public_tree_ / *there, Links::are_seen) != Kind::directory) {
                throw damaged(entry.path);
            }
            if (lead_to(change_.made, child) || lead_to(change_.gone, child) ||
                lead_to(change_.opened, child)) {
                fill(child, *there);
            } else {
                open(path);
                // As if the generation stood where it will.
                new_link(directory_ / child, relative_link(below(root_of(0), path), *there));
                ++linked;
            }
        }
        if (linked == 0) return;
        std::size_t found = 0;
        for (const Entry& entry : entries(directory_ / path)) {
            if (entry.kind == Kind::link) ++found;
        }
        if (found != linked) throw damaged(directory_ / path);
    }

    void open(const std::string& path) {
        make_directories(directory_ / path);
        for (fs::path up = path; !up.empty(); up = up.parent_path()) own_.insert(up.native());
    }

    const fs::path public_tree_;
    const TreeChange& change_;
    const fs::path& directory_;
    std::set<std::string> own_;
};

}  // namespace

std::set<std::string> link_unchanged(const Layout& layout, std::uint64_t before,
                                     const TreeChange& change, const fs::path& directory) {
    return Growth(layout.public_tree(), change, directory).run(before);
}

bool lead_to(const std::set<std::string>& paths, const std::string& directory) {
    if (paths.contains(directory)) return true;
    const auto next = paths.lower_bound(directory + "/");
    return next != paths.end() && next->starts_with(directory + "/");
}

std::string real_place(const Layout& layout, std::uint64_t generation, std::string_view path) {
    const fs::path public_tree = layout.public_tree();
    std::string place = root_of(generation);
    for (const std::string& name : split(path, "/")) {
        const fs::path step = public_tree / place / name;
        const auto kind = kind_of(step, Links::are_seen);
        if (kind == Kind::directory) {
            place += "/" + name;
            continue;
        }
        const auto there = kind == Kind::link ? place_of_link(public_tree, place, name)
                                              : std::optional<std::string>();
        if (!there || kind_of(public_tree / *there, Links::are_seen) != Kind::directory) {
            throw damaged(step);
        }
        place = *there;
    }
    return place;
}

std::set<std::string> real_directories(const Layout& layout,
                                       const std::set<std::uint64_t>& generations) {
    const fs::path public_tree = layout.public_tree();
    std::set<std::string> all;
    std::vector<std::string> found;
    for (const std::uint64_t number : generations) found.push_back(root_of(number));
    while (!found.empty()) {
        const std::string place = std::move(found.back());
        found.pop_back();
        if (!all.insert(place).second) continue;
        for (const Entry& entry : entries(public_tree / place)) {
            if (entry.kind == Kind::directory) found.push_back(place + "/" + entry.name());
            if (entry.kind != Kind::link) continue;
            // Others lead to packages.
            auto there = place_of_link(public_tree, place, entry.name());
            if (there && kind_of(public_tree / *there, Links::are_seen) == Kind::directory) {
                found.push_back(std::move(*there));
            }
        }
    }
    return all;
}

}  // namespace core
