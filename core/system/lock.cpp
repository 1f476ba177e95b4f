// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

File open_lock(const fs::path& file) {
    File opened = File::open_to_write(file, O_CREAT);
    if (opened.descriptor() < 0) throw system_error("cannot open " + file.string());
    return opened;
}

bool try_flock(const File& file) {
    while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) throw system_error("cannot lock");
    }
    return true;
}

File open_directory(const fs::path& directory) {
    return File(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// False if the open directory was removed meanwhile.
bool still_named(const File& directory, const fs::path& path) {
    struct stat opened {
    }, named{};
    return ::fstat(directory.descriptor(), &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

std::string random_name() {
    std::random_device random;
    return std::to_string(::getpid()) + "-" + std::to_string(random());
}

}  // namespace

Lock Lock::wait(const fs::path& file) {
    File opened = open_lock(file);
    while (::flock(opened.descriptor(), LOCK_EX) != 0) {
        if (errno != EINTR) throw system_error("cannot lock " + file.string());
    }
    return Lock(std::move(opened));
}

std::optional<Lock> Lock::try_now(const fs::path& file) {
    File opened = open_lock(file);
    if (!try_flock(opened)) return std::nullopt;
    return Lock(std::move(opened));
}

Scratch::Scratch(const fs::path& work) {
    make_private_directory(work);
    while (true) {
        directory_ = work / random_name();
        if (::mkdir(directory_.c_str(), 0700) != 0) {
            if (errno == EEXIST) continue;
            throw system_error("cannot create " + directory_.string());
        }
        // A sweep in another process may take the directory before it is locked: then make another.
        held_ = open_directory(directory_);
        if (held_.descriptor() < 0 && errno != ENOENT) {
            throw system_error("cannot open " + directory_.string());
        }
        if (held_.descriptor() >= 0 && try_flock(held_) && still_named(held_, directory_)) return;
    }
}

Scratch::Scratch(Scratch&& other) noexcept
    : directory_(std::move(other.directory_)), held_(std::move(other.held_)) {
    other.directory_.clear();
}

Scratch::~Scratch() {
    if (directory_.empty()) return;
    std::error_code ignored;  // the next sweep tries again
    fs::remove_all(directory_, ignored);
}

void Scratch::sweep(const fs::path& work) {
    for (const Entry& entry : entries(work, Absent::is_empty)) {
        if (entry.kind != Kind::directory) {
            remove_tree(entry.path);
            continue;
        }
        const File held = open_directory(entry.path);
        if (held.descriptor() < 0 && errno == ENOENT) continue;  // removed by its owner
        if (held.descriptor() < 0) throw system_error("cannot open " + entry.path.string());
        if (try_flock(held)) remove_tree(entry.path);
    }
}

}  // namespace core
