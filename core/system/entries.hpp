// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on disk. "Not there" means that the system says so (ENOENT, ENOTDIR); whoever cannot
// tell gets an Error, because a release must not be lost to a disk that did not answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace core {

/// True if an errno says that there is nothing of that name.
bool means_absent(int reason);

enum class Links { are_followed, are_seen };

/// Nothing if it is not there. Throws Error if that cannot be told.
std::optional<struct stat> status_of(const std::filesystem::path& path,
                                     Links links = Links::are_followed);

enum class Kind { file, directory, link, other };

/// Nothing if it is not there.
std::optional<Kind> kind_of(const std::filesystem::path& path, Links links = Links::are_followed);

bool is_file(const std::filesystem::path& path, Links links = Links::are_followed);

/// Of a regular file; nothing if there is none.
std::optional<std::uint64_t> size_of(const std::filesystem::path& file);

/// Both are there and one file; links are seen as what they are.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// The target of a symbolic link; empty if nothing is there. Throws Error for all but a link.
std::filesystem::path pointed(const std::filesystem::path& link);

/// Whether this user may make files there. Throws Error if that cannot be told.
bool may_write(const std::filesystem::path& directory);

struct Entry {
    std::filesystem::path path;
    Kind kind = Kind::other;

    std::string name() const { return path.filename().string(); }
};

/// What a directory that is not there is taken for.
enum class Absent { is_an_error, is_empty };

/// All that is in a directory, in no order. One that cannot be read to its end is an Error.
std::vector<Entry> entries(const std::filesystem::path& directory,
                           Absent absent = Absent::is_an_error);

/// All below a directory but the directories, in no order; links are not followed.
std::vector<Entry> files_below(const std::filesystem::path& directory,
                               Absent absent = Absent::is_an_error);

/// The same, relative to the directory.
std::set<std::string> names_below(const std::filesystem::path& directory);

}  // namespace core
