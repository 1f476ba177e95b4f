// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/crash/call.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

const std::map<int, Call> calls{
#ifdef SYS_open
    {SYS_open, {"open", Shape::path, Effect::creates}},
    {SYS_mkdir, {"mkdir", Shape::path, Effect::creates}},
    {SYS_link, {"link", Shape::two_paths, Effect::creates}},
    {SYS_symlink, {"symlink", Shape::link_text, Effect::creates}},
    {SYS_rename, {"rename", Shape::two_paths, Effect::creates}},
    {SYS_chmod, {"chmod", Shape::path, Effect::writes}},
    {SYS_unlink, {"unlink", Shape::path, Effect::removes}},
    {SYS_rmdir, {"rmdir", Shape::path, Effect::removes}},
    {SYS_stat, {"stat", Shape::path, Effect::looks}},
    {SYS_lstat, {"lstat", Shape::path, Effect::looks}},
    {SYS_access, {"access", Shape::path, Effect::looks}},
    {SYS_readlink, {"readlink", Shape::path, Effect::looks}},
#endif
#ifdef SYS_renameat
    {SYS_renameat, {"rename", Shape::two_at, Effect::creates}},
#endif
    {SYS_openat, {"open", Shape::at, Effect::creates}},
    {SYS_mkdirat, {"mkdir", Shape::at, Effect::creates}},
    {SYS_linkat, {"link", Shape::two_at, Effect::creates}},
    {SYS_symlinkat, {"symlink", Shape::link_text_at, Effect::creates}},
    {SYS_renameat2, {"rename", Shape::two_at, Effect::creates}},
    {SYS_write, {"write", Shape::descriptor, Effect::writes}},
    {SYS_pwrite64, {"pwrite", Shape::descriptor, Effect::writes}},
    {SYS_writev, {"writev", Shape::descriptor, Effect::writes}},
    {SYS_copy_file_range, {"copy_file_range", Shape::descriptor, Effect::writes}},
    {SYS_sendfile, {"sendfile", Shape::descriptor, Effect::writes}},
    {SYS_fallocate, {"fallocate", Shape::descriptor, Effect::writes}},
    {SYS_ftruncate, {"ftruncate", Shape::descriptor, Effect::writes}},
    {SYS_fchmod, {"fchmod", Shape::descriptor, Effect::writes}},
    {SYS_truncate, {"truncate", Shape::path, Effect::writes}},
    {SYS_fchmodat, {"chmod", Shape::at, Effect::writes}},
    {SYS_utimensat, {"utimens", Shape::at, Effect::writes}},
    {SYS_fsync, {"fsync", Shape::descriptor, Effect::flushes}},
    {SYS_fdatasync, {"fdatasync", Shape::descriptor, Effect::flushes}},
    {SYS_unlinkat, {"unlink", Shape::at, Effect::removes}},
    {SYS_newfstatat, {"stat", Shape::at, Effect::looks}},
    {SYS_statx, {"stat", Shape::at, Effect::looks}},
    {SYS_faccessat, {"access", Shape::at, Effect::looks}},
    {SYS_readlinkat, {"readlink", Shape::at, Effect::looks}},
    {SYS_fstat, {"fstat", Shape::descriptor, Effect::looks}},
    {SYS_read, {"read", Shape::descriptor, Effect::looks}},
    {SYS_pread64, {"pread", Shape::descriptor, Effect::looks}},
    {SYS_getdents64, {"readdir", Shape::descriptor, Effect::looks}},
    {SYS_flock, {"flock", Shape::descriptor, Effect::looks}},
};

void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

namespace {

std::string link_of(const std::string& link) {
    std::string text(4096, '\0');
    const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

}  // namespace

std::string Caller::bytes(std::uint64_t address, std::size_t size) const {
    std::string text(size, '\0');
    iovec here{text.data(), size};
    // NOLINTNEXTLINE(performance-no-int-to-ptr) # an address over there
    iovec there{reinterpret_cast<void*>(address), size};
    const ssize_t got = ::process_vm_readv(pid_, &here, 1, &there, 1, 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

/// Read page by page, as what follows may not be there.
std::string Caller::text(std::uint64_t address) const {
    constexpr std::uint64_t page = 4096;
    std::string found;
    while (address != 0 && found.size() < page) {
        const std::string part = bytes(address, page - address % page);
        const std::size_t end = part.find('\0');
        found += part.substr(0, end);
        if (part.empty() || end != std::string::npos) break;
        address += part.size();
    }
    return found;
}

std::string Caller::path_of(int descriptor) const {
    const std::string process = "/proc/" + std::to_string(pid_);
    if (descriptor == AT_FDCWD) return link_of(process + "/cwd");
    return link_of(process + "/fd/" + std::to_string(descriptor));
}

std::string Caller::path(int directory, std::uint64_t address) const {
    const std::string name = text(address);
    if (name.starts_with('/')) return name;
    const std::string base = path_of(directory);
    return name.empty() || base.empty() ? base : base + "/" + name;
}

int Caller::copy_of(int descriptor) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    std::string word;
    pid_t process = 0;
    while (status >> word && word != "Tgid:") {
    }
    status >> process;
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    const int copy = static_cast<int>(::syscall(SYS_pidfd_getfd, handle, descriptor, 0));
    ::close(handle);
    return copy;
}

std::vector<std::string> paths(const Call& call, const Caller& caller) {
    switch (call.shape) {
        case Shape::path:
            return {caller.path(AT_FDCWD, caller.argument(0))};
        case Shape::at:
            return {caller.path(caller.descriptor(0), caller.argument(1))};
        case Shape::two_paths:
            return {caller.path(AT_FDCWD, caller.argument(0)),
                    caller.path(AT_FDCWD, caller.argument(1))};
        case Shape::two_at:
            return {caller.path(caller.descriptor(0), caller.argument(1)),
                    caller.path(caller.descriptor(2), caller.argument(3))};
        case Shape::link_text:
            return {caller.path(AT_FDCWD, caller.argument(1))};
        case Shape::link_text_at:
            return {caller.path(caller.descriptor(1), caller.argument(2))};
        case Shape::descriptor:
            return {caller.path_of(caller.descriptor(0))};
    }
    return {};
}

std::int64_t half_written(const Call& call, const Caller& caller) {
    const std::string_view name = call.name;
    std::string bytes;
    if (name == "writev") {
        const auto count = static_cast<std::size_t>(caller.argument(2));
        const std::string table = caller.bytes(caller.argument(1), count * sizeof(iovec));
        for (std::size_t i = 0; i < table.size() / sizeof(iovec); ++i) {
            iovec part{};
            std::memcpy(&part, table.data() + i * sizeof(iovec), sizeof part);
            bytes += caller.bytes(reinterpret_cast<std::uint64_t>(part.iov_base), part.iov_len);
        }
    } else if (name == "write" || name == "pwrite") {
        bytes = caller.bytes(caller.argument(1), caller.argument(2));
    }
    if (bytes.size() < 2) return 0;
    const int file = caller.copy_of(caller.descriptor(0));
    if (file < 0) fail("cannot take over a descriptor");
    const ssize_t done = name == "pwrite" ? ::pwrite(file, bytes.data(), bytes.size() / 2,
                                                     static_cast<off_t>(caller.argument(3)))
                                          : ::write(file, bytes.data(), bytes.size() / 2);
    ::close(file);
    return done;
}
