// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/file_table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <sys/stat.h>

#include "backends/yum/tags.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

constexpr std::uint64_t ghost_flag = 1u << 6;
// As long as a path can be for the kernel, and a name in a payload for rpm.
constexpr std::size_t longest_path = 4095;

[[noreturn]] void refuse_file(std::string_view path, std::string_view what) {
    throw core::Refused(core::reason::package_corrupt,
                        fmt::format("its file \"{}\" {}", core::escaped(path.substr(0, 200)), what),
                        "build the package with rpm 4");
}

/// Whether a path goes up, stays where it is or has an empty part. It begins with '/'.
bool winding(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == "..") return true;
        path.remove_prefix(part.size());
    }
    return false;
}

/// In the order of paths, in which what lies in a directory comes right behind it.
unsigned rank(char c) {
    return c == '/' ? 0u : static_cast<std::uint8_t>(c) + 1u;
}

}  // namespace

FileTable::FileTable(const HeaderView& header)
    : source_(header.find(tag::source_rpm) == nullptr),
      directories_(header.texts(tag::dir_names)),
      names_(header.texts(tag::base_names)),
      targets_(header.texts(tag::file_link_targets)),
      digests_(header.texts(tag::file_digests)),
      indexes_(header.numbers(tag::dir_indexes)),
      modes_(header.numbers(tag::file_modes)),
      flags_(header.numbers(tag::file_flags)),
      sizes_(header.numbers(tag::file_sizes)),
      digest_algorithm_(
          static_cast<std::uint32_t>(header.number(tag::file_digest_algorithm).value_or(1))) {
    if (sizes_.empty()) sizes_ = header.numbers(tag::long_file_sizes);
    check_names();
    sort();
    check_order();
    link_hard(header);
}

void FileTable::check_names() const {
    for (const std::string_view directory : directories_) {
        if (source_ ? directory.empty() : directory == "/") continue;
        if (source_ || !directory.starts_with('/') || !directory.ends_with('/') ||
            winding(directory.substr(0, directory.size() - 1))) {
            refuse_file(directory,
                        source_ ? "is in a directory, in a source package"
                                : "is in a directory whose path is not absolute and straight");
        }
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const auto& [directory, name] = at(i);
        const bool root = name.empty() && directory == "/";
        if (!root && (name.empty() || name == "." || name == ".." ||
                      name.find('/') != std::string_view::npos)) {
            refuse_file(path(i), "has a name that is none");
        }
        if (directory.size() + name.size() > longest_path) {
            refuse_file(path(i), "has a path that is too long to be unpacked");
        }
        if (!link(i) || ghost(i)) continue;
        if (targets_[i].empty()) refuse_file(path(i), "is a link to nothing");
        if (targets_[i].size() != sizes_[i]) {
            refuse_file(path(i), "is a link of another length than its target");
        }
    }
}

/// -1, 0 or 1.
int FileTable::compare(Path a, Path b) {
    std::array<std::string_view, 2> left{a.directory, a.name};
    std::array<std::string_view, 2> right{b.directory, b.name};
    std::size_t i = 0;
    std::size_t j = 0;
    while (true) {
        while (i < 2 && left[i].empty()) ++i;
        while (j < 2 && right[j].empty()) ++j;
        if (i == 2 || j == 2) return (j == 2 ? 1 : 0) - (i == 2 ? 1 : 0);
        const std::size_t size = std::min(left[i].size(), right[j].size());
        const auto [x, y] = std::mismatch(
            left[i].begin(), left[i].begin() + static_cast<std::ptrdiff_t>(size), right[j].begin());
        if (x != left[i].begin() + static_cast<std::ptrdiff_t>(size)) {
            return rank(*x) < rank(*y) ? -1 : 1;
        }
        left[i].remove_prefix(size);
        right[j].remove_prefix(size);
    }
}

void FileTable::sort() {
    order_.resize(size());
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return compare(at(a), at(b)) < 0; });
}

/// What lies below a path follows it without a gap, so it is enough to look at the last that is no
/// directory.
void FileTable::check_order() const {
    std::string barrier;
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const std::uint32_t file = order_[i];
        if (i > 0 && compare(at(order_[i - 1]), at(file)) == 0)
            refuse_file(path(file), "is there twice");
        const std::string here = path(file);
        if (!barrier.empty() && here.starts_with(barrier)) {
            refuse_file(here, "lies below a file or a link");
        }
        // Nobody unpacks a ghost.
        if (!S_ISDIR(mode(file)) && !ghost(file)) barrier = here + "/";
    }
}

/// Hard links are files of one number on one device. rpm packs the bytes with the last of them.
void FileTable::link_hard(const HeaderView& header) {
    elsewhere_.assign(size(), false);
    const std::vector<std::uint64_t> inodes = header.numbers(tag::file_inodes);
    const std::vector<std::uint64_t> devices = header.numbers(tag::file_devices);
    if (inodes.empty() || devices.empty()) return;
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
        return std::tuple(devices[a], inodes[a], a) < std::tuple(devices[b], inodes[b], b);
    };
    std::vector<std::uint32_t> files;
    for (std::uint32_t i = 0; i < size(); ++i) {
        if (regular(i) && !ghost(i) && inodes[i] != 0) files.push_back(i);
    }
    std::sort(files.begin(), files.end(), before);
    for (std::size_t i = 1; i < files.size(); ++i) {
        const std::uint32_t one = files[i - 1];
        const std::uint32_t next = files[i];
        if (devices[one] != devices[next] || inodes[one] != inodes[next]) continue;
        elsewhere_[one] = true;
        if (sizes_[one] != sizes_[next] || digests_[one] != digests_[next]) {
            refuse_file(path(one), "is a hard link to one with other bytes");
        }
    }
}

std::optional<std::size_t> FileTable::find(std::string_view member) const {
    if (member.starts_with("./")) member.remove_prefix(2);
    if (member.starts_with('/')) member.remove_prefix(1);
    const Path wanted{source_ ? "" : "/", member};
    const auto found = std::lower_bound(
        order_.begin(), order_.end(), wanted,
        [&](std::uint32_t file, Path path) { return compare(at(file), path) < 0; });
    if (found == order_.end() || compare(at(*found), wanted) != 0) return std::nullopt;
    return *found;
}

std::string FileTable::path(std::size_t file) const {
    return fmt::format("{}{}", at(file).directory, at(file).name);
}

bool FileTable::regular(std::size_t file) const {
    return S_ISREG(mode(file));
}

bool FileTable::link(std::size_t file) const {
    return S_ISLNK(mode(file));
}

bool FileTable::ghost(std::size_t file) const {
    return (flags_[file] & ghost_flag) != 0;
}

bool FileTable::whole(std::size_t file) const {
    return regular(file) && !elsewhere_[file];
}

std::uint64_t FileTable::payload_size(std::size_t file) const {
    return link(file) || whole(file) ? sizes_[file] : 0;
}

}  // namespace yum
