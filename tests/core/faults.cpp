// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/faults.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace core_test {
namespace {

std::atomic<Fault*> present = nullptr;

bool fails(const char* call, const char* path) {
    for (Fault* fault = present; fault != nullptr; fault = fault->outer()) {
        if (!fault->meets(call, path)) continue;
        errno = fault->reason();
        return true;
    }
    return false;
}

bool fails(const char* call, int descriptor);

/// The function that the program would have called without us.
template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

Fault::Fault(std::string call, std::string end_of_path, int reason, int times, int skip)
    : outer_(present),
      call_(std::move(call)),
      end_(std::move(end_of_path)),
      reason_(reason),
      times_(times),
      skip_(skip) {
    present = this;
}

Fault::~Fault() {
    present = outer_;
}

bool Fault::meets(const char* call, const char* path) {
    if (call_ != call || !std::string_view(path).ends_with(end_)) return false;
    const int number = met_++;
    return number >= skip_ && number < skip_ + times_;
}

namespace {

bool fails(const char* call, int descriptor) {
    if (present == nullptr) return false;
    static const auto real = next<decltype(&::readlink)>("readlink");
    char path[PATH_MAX] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    return real(link.c_str(), path, sizeof path - 1) > 0 && fails(call, path);
}

}  // namespace
}  // namespace core_test

using core_test::fails;
using core_test::next;

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int stat(const char* path, struct stat* status) noexcept {
    static const auto real = next<decltype(&::stat)>("stat");
    return fails("stat", path) ? -1 : real(path, status);
}

int lstat(const char* path, struct stat* status) noexcept {
    static const auto real = next<decltype(&::lstat)>("lstat");
    return fails("lstat", path) ? -1 : real(path, status);
}

ssize_t readlink(const char* path, char* buffer, size_t size) noexcept {
    static const auto real = next<decltype(&::readlink)>("readlink");
    return fails("readlink", path) ? -1 : real(path, buffer, size);
}

DIR* opendir(const char* path) {
    static const auto real = next<decltype(&::opendir)>("opendir");
    return fails("opendir", path) ? nullptr : real(path);
}

dirent* readdir(DIR* directory) {
    static const auto real = next<decltype(&::readdir)>("readdir");
    return fails("readdir", ::dirfd(directory)) ? nullptr : real(directory);
}

int mkdir(const char* path, mode_t mode) noexcept {
    static const auto real = next<decltype(&::mkdir)>("mkdir");
    return fails("mkdir", path) ? -1 : real(path, mode);
}

int symlink(const char* target, const char* path) noexcept {
    static const auto real = next<decltype(&::symlink)>("symlink");
    return fails("symlink", path) ? -1 : real(target, path);
}

int link(const char* from, const char* to) noexcept {
    static const auto real = next<decltype(&::link)>("link");
    return fails("link", to) ? -1 : real(from, to);
}

int unlinkat(int directory, const char* path, int flags) noexcept {
    static const auto real = next<decltype(&::unlinkat)>("unlinkat");
    return fails("unlinkat", path) ? -1 : real(directory, path, flags);
}

int rename(const char* from, const char* to) noexcept {
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    return fails("rename", to) ? -1 : real(from, to);
}

ssize_t pread(int descriptor, void* buffer, size_t size, off_t offset) {
    static const auto real = next<decltype(&::pread)>("pread");
    return fails("pread", descriptor) ? -1 : real(descriptor, buffer, size, offset);
}

ssize_t write(int descriptor, const void* buffer, size_t size) {
    static const auto real = next<decltype(&::write)>("write");
    return fails("write", descriptor) ? -1 : real(descriptor, buffer, size);
}

int ftruncate(int descriptor, off_t size) noexcept {
    static const auto real = next<decltype(&::ftruncate)>("ftruncate");
    return fails("ftruncate", descriptor) ? -1 : real(descriptor, size);
}

int access(const char* path, int mode) noexcept {
    static const auto real = next<decltype(&::access)>("access");
    return fails("access", path) ? -1 : real(path, mode);
}

int fsync(int descriptor) {
    static const auto real = next<decltype(&::fsync)>("fsync");
    return fails("fsync", descriptor) ? -1 : real(descriptor);
}

int prctl(int option, ...) noexcept {
    static const auto real = next<decltype(&::prctl)>("prctl");
    va_list list;
    va_start(list, option);
    std::array<unsigned long, 4> values{};
    for (unsigned long& value : values) value = va_arg(list, unsigned long);
    va_end(list);
    return fails("prctl", "") ? -1 : real(option, values[0], values[1], values[2], values[3]);
}

int seccomp_load(const void* filter) noexcept {
    static const auto real = next<int (*)(const void*)>("seccomp_load");
    return fails("seccomp_load", "") ? -EPERM : real(filter);
}

int prlimit(pid_t process, __rlimit_resource resource, const rlimit* limit,
            rlimit* former) noexcept {
    static const auto real = next<decltype(&::prlimit)>("prlimit");
    return fails("prlimit", "") ? -1 : real(process, resource, limit, former);
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
