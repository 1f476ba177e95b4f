// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/files.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

Error failure(std::string_view verb, const fs::path& path) {
    return system_error("cannot " + std::string(verb) + " " + path.string());
}

/// Somebody's lease on the file, as servers of files take them, is taken from them by the kernel
/// within a minute.
int retried_open(const fs::path& path, int flags, unsigned mode = 0) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        if (descriptor >= 0 || (errno != EINTR && errno != EWOULDBLOCK)) return descriptor;
        if (errno == EWOULDBLOCK) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

/// A pipe would be waited for, until somebody comes to its other end.
constexpr int without_waiting = O_NONBLOCK | O_NOCTTY;

void refuse_irregular(int descriptor, const fs::path& file) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw failure("examine", file);
    if (!S_ISREG(status.st_mode)) throw Error(file.string() + " is not a regular file");
}

/// A name beside `path` that no other thread or process uses.
fs::path temporary_beside(const fs::path& path) {
    static std::atomic<unsigned> counter{0};
    return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()) +
                                 "." + std::to_string(counter++) + ".new");
}

/// Calls `finish` with the written file before it gets its name.
void replace(const fs::path& file, std::string_view bytes,
             const std::function<void(File&)>& finish) {
    const fs::path temporary = temporary_beside(file);
    try {
        File created = File::create(temporary);
        with_context(file.string(), [&] {
            created.write(bytes);
            finish(created);
        });
        move_file(temporary, file);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

}  // namespace

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = other.release();
    }
    return *this;
}

int File::release() noexcept {
    return std::exchange(descriptor_, -1);
}

File File::open_to_read(const fs::path& file) {
    File opened(retried_open(file, O_RDONLY | without_waiting));
    if (opened.descriptor_ < 0) throw failure("open", file);
    refuse_irregular(opened.descriptor_, file);
    return opened;
}

File File::open_to_write(const fs::path& file, int flags) {
    File opened(retried_open(file, O_RDWR | without_waiting | flags, 0644));
    if (opened.descriptor_ < 0) {
        if (errno == ENOENT) return opened;
        throw failure("open", file);
    }
    refuse_irregular(opened.descriptor_, file);
    return opened;
}

File File::create(const fs::path& file, unsigned mode) {
    File created(retried_open(file, O_RDWR | O_CREAT | O_EXCL, mode));
    if (created.descriptor_ < 0) throw failure("create", file);
    return created;
}

void File::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw system_error("cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::size_t File::read(char* buffer, std::size_t size) {
    while (true) {
        const ssize_t got = ::read(descriptor_, buffer, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw system_error("cannot read");
    }
}

std::uint64_t File::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw system_error("cannot examine an open file");
    return static_cast<std::uint64_t>(status.st_size);
}

void File::sync() {
    if (::fsync(descriptor_) == 0) return;
    const int reason = errno;
    const fs::path file = pointed("/proc/self/fd/" + std::to_string(descriptor_));
    errno = reason;
    throw system_error("cannot flush " + file.string());
}

void File::close() {
    // Linux frees the descriptor even when close fails, so it is never tried again.
    if (::close(std::exchange(descriptor_, -1)) != 0) throw system_error("cannot close");
}

void expect_open_files(int count) noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const int last =
        static_cast<int>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(count))) - 1;
    const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    const int high = ::fcntl(descriptor, F_DUPFD_CLOEXEC, last);
    if (high >= 0) ::close(high);
    ::close(descriptor);
}

std::string read_file(const fs::path& file, std::uint64_t limit) {
    File opened = File::open_to_read(file);
    const std::uint64_t size = opened.size();
    if (size > limit) {
        throw Error(file.string() + " has " + std::to_string(size) + " bytes; at most " +
                    std::to_string(limit) + " are read");
    }
    std::string bytes;
    bytes.resize(static_cast<std::size_t>(size));
    std::size_t filled = 0;
    return with_context(file.string(), [&] {
        while (filled < bytes.size()) {
            const std::size_t got = opened.read(bytes.data() + filled, bytes.size() - filled);
            if (got == 0) break;
            filled += got;
        }
        bytes.resize(filled);
        return std::move(bytes);
    });
}

Digest sha256_file(const std::filesystem::path& file) {
    // Larger ones malloc maps, and their pages come one by one.
    constexpr std::size_t size = 1 << 16;
    File opened = File::open_to_read(file);
    Hasher hasher;
    const auto buffer = std::make_unique_for_overwrite<char[]>(size);
    return with_context(file.string(), [&] {
        while (const std::size_t got = opened.read(buffer.get(), size)) {
            hasher.update({buffer.get(), got});
        }
        return hasher.finish();
    });
}

void write_file(const fs::path& file, std::string_view bytes, bool durable) {
    replace(file, bytes, [&](File& written) {
        if (durable) written.sync();
        written.close();
    });
    if (durable) sync_directory(file.parent_path());
}

File written_file(const fs::path& file, std::string_view bytes) {
    File open;
    replace(file, bytes, [&](File& written) { open = std::move(written); });
    return open;
}

void make_directories(const fs::path& directory) {
    // Most often all but the last is there, and nobody needs to look for it.
    if (::mkdir(directory.c_str(), 0777) == 0) return;
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) throw Error("cannot create " + directory.string() + ": " + error.message());
}

void sync_directory(const fs::path& directory) {
    File opened(retried_open(directory, O_RDONLY | O_DIRECTORY));
    if (opened.descriptor() < 0) throw failure("open", directory);
    opened.sync();
}

void make_private_directory(const fs::path& directory) {
    if (::mkdir(directory.c_str(), 0700) == 0) return;
    if (errno == EEXIST && kind_of(directory) == Kind::directory) return;
    throw failure("create", directory);
}

void move_file(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        throw failure("rename " + from.string() + " to", to);
    }
}

void hard_link(const fs::path& from, const fs::path& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return;
    const int reason = errno;
    if (reason == EEXIST) {
        if (same_file(from, to)) return;
        throw Error(to.string() + " exists and is not " + from.string());
    }
    errno = reason;
    throw failure("link " + from.string() + " to", to);
}

void new_link(const fs::path& link, const fs::path& target) {
    if (::symlink(target.c_str(), link.c_str()) != 0) throw failure("create", link);
}

void point(const fs::path& link, const fs::path& target) {
    const fs::path temporary = temporary_beside(link);
    new_link(temporary, target);
    try {
        move_file(temporary, link);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) throw Error("cannot remove " + path.string() + ": " + error.message());
}

void remove_at_once(const fs::path& path) {
    const fs::path temporary = temporary_beside(path);
    move_file(path, temporary);
    remove_tree(temporary);
}

bool is_temporary(std::string_view name) {
    return name.starts_with('.') && name.ends_with(".new");
}

}  // namespace core
