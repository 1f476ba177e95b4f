// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/entries.hpp"

#include <cerrno>
#include <dirent.h>
#include <iterator>
#include <memory>
#include <string_view>
#include <unistd.h>

#include "core/model/error.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

struct Closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using OpenDirectory = std::unique_ptr<DIR, Closer>;

Kind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return Kind::file;
    if (S_ISDIR(mode)) return Kind::directory;
    if (S_ISLNK(mode)) return Kind::link;
    return Kind::other;
}

/// Nothing for what was removed meanwhile.
std::optional<Entry> entry_of(const fs::path& directory, const dirent& found) {
    const fs::path path = directory / found.d_name;
    switch (found.d_type) {
        case DT_REG:
            return Entry{path, Kind::file};
        case DT_DIR:
            return Entry{path, Kind::directory};
        case DT_LNK:
            return Entry{path, Kind::link};
        default:  // also where the file system does not say
            const auto status = status_of(path, Links::are_seen);
            if (!status) return std::nullopt;
            return Entry{path, kind_of(status->st_mode)};
    }
}

}  // namespace

bool means_absent(int reason) {
    return reason == ENOENT || reason == ENOTDIR;
}

std::optional<struct stat> status_of(const fs::path& path, Links links) {
    struct stat status {};
    const int failed =
        links == Links::are_seen ? ::lstat(path.c_str(), &status) : ::stat(path.c_str(), &status);
    if (failed == 0) return status;
    if (means_absent(errno)) return std::nullopt;
    throw system_error("cannot examine " + path.string());
}

std::optional<Kind> kind_of(const fs::path& path, Links links) {
    const auto status = status_of(path, links);
    return status ? std::optional(kind_of(status->st_mode)) : std::nullopt;
}

bool is_file(const fs::path& path, Links links) {
    return kind_of(path, links) == Kind::file;
}

std::optional<std::uint64_t> size_of(const fs::path& file) {
    const auto status = status_of(file);
    if (!status || !S_ISREG(status->st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status->st_size);
}

bool same_file(const fs::path& a, const fs::path& b) {
    const auto one = status_of(a, Links::are_seen);
    if (!one) return false;
    const auto other = status_of(b, Links::are_seen);
    return other && one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

fs::path pointed(const fs::path& link) {
    std::error_code error;
    fs::path target = fs::read_symlink(link, error);
    if (!error) return target;
    if (means_absent(error.value())) return {};
    if (error.value() == EINVAL) {
        throw Error(link.string() +
                    " is no symbolic link, as in a copy that followed links: copy with `cp -a` or "
                    "`rsync -aH`, which keep them");
    }
    throw Error("cannot read the link " + link.string() + ": " + error.message());
}

std::vector<Entry> entries(const fs::path& directory, Absent absent) {
    const OpenDirectory opened(::opendir(directory.c_str()));
    if (!opened) {
        if (absent == Absent::is_empty && means_absent(errno)) return {};
        throw system_error("cannot read " + directory.string());
    }
    std::vector<Entry> found;
    while (true) {
        errno = 0;  // the end and an error have the same answer
        const dirent* next = ::readdir(opened.get());
        if (next == nullptr && errno != 0) throw system_error("cannot read " + directory.string());
        if (next == nullptr) return found;
        const std::string_view name = next->d_name;
        if (name == "." || name == "..") continue;
        if (auto entry = entry_of(directory, *next)) found.push_back(*std::move(entry));
    }
}

std::vector<Entry> files_below(const fs::path& directory, Absent absent) {
    std::vector<Entry> files;
    std::vector<fs::path> unread{directory};
    while (!unread.empty()) {
        const fs::path next = std::move(unread.back());
        unread.pop_back();
        for (Entry& entry : entries(next, absent)) {
            if (entry.kind == Kind::directory) {
                unread.push_back(std::move(entry.path));
            } else {
                files.push_back(std::move(entry));
            }
        }
    }
    return files;
}

std::set<std::string> names_below(const fs::path& directory) {
    const std::size_t prefix = directory.native().size() + 1;
    std::set<std::string> names;
    for (const Entry& entry : files_below(directory)) {
        names.insert(entry.path.native().substr(prefix));
    }
    return names;
}

bool may_write(const fs::path& directory) {
    if (::access(directory.c_str(), W_OK) == 0) return true;
    if (errno == EACCES || errno == EPERM || errno == EROFS) return false;
    throw system_error("cannot examine " + directory.string());
}

}  // namespace core
