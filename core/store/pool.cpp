// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/pool.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;

Pool::Pool(fs::path directory) : directory_(std::move(directory)) {}

fs::path Pool::file(const Digest& digest, std::string_view format) const {
    const std::string hex = digest.hex();
    // Put together as text: a path is taken apart each time that something is added to it.
    return directory_.native() + "/" + hex.substr(0, 2) + "/" + hex + "." + std::string(format);
}

fs::path Pool::name_link(std::string_view format, std::string_view name) const {
    return directory_.native() + "/names/" + std::string(format) + "/" + std::string(name);
}

bool Pool::holds(const Digest& digest, std::string_view format) const {
    return is_file(file(digest, format));
}

void Pool::adopt(const fs::path& scratch, const Digest& digest, std::string_view format) {
    if (holds(digest, format)) {
        remove_tree(scratch);
        return;
    }
    if (::chmod(scratch.c_str(), 0444) != 0) {
        throw system_error("cannot protect " + scratch.string());
    }
    const fs::path target = file(digest, format);
    if (::rename(scratch.c_str(), target.c_str()) == 0) return;
    if (errno == ENOENT) make_directories(target.parent_path());  // for the first file in it
    move_file(scratch, target);
}

bool Pool::name_taken(std::string_view format, std::string_view name, const Digest& digest) const {
    const fs::path link = name_link(format, name);
    return status_of(link) && !same_file(link, file(digest, format));
}

void Pool::claim(std::string_view format, std::string_view name, const Digest& digest) {
    const fs::path link = name_link(format, name);
    const fs::path content = file(digest, format);
    if (::link(content.c_str(), link.c_str()) == 0) return;
    if (errno == EEXIST) {
        if (same_file(link, content)) return;
        remove_tree(link);
    } else if (errno == ENOENT) {
        make_directories(link.parent_path());  // for the first name in it
    }
    hard_link(content, link);
}

}  // namespace core
