// SPDX-License-Identifier: GPL-3.0-or-later
// A system call that a watched process waits in: what it does, and to which paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <linux/seccomp.h>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

/// Where a call has its path: as an argument, as an argument after a directory's descriptor, as two
/// of either kind, or behind a descriptor.
enum class Shape { path, at, two_paths, two_at, link_text, link_text_at, descriptor };
enum class Effect { creates, writes, flushes, removes, looks };

struct Call {
    const char* name;
    Shape shape;
    Effect effect;
};

/// Those that change or look at files, by their number.
extern const std::map<int, Call> calls;

/// Throws an error that ends with the meaning of the current `errno`.
[[noreturn]] void fail(const std::string& what);

/// The process that waits in a call. Its answers are empty where it does not tell.
class Caller {
  public:
    explicit Caller(const seccomp_notif& asked)
        : pid_(static_cast<pid_t>(asked.pid)), arguments_(asked.data.args) {}

    std::uint64_t argument(int i) const { return arguments_[i]; }
    int descriptor(int i) const { return static_cast<int>(argument(i)); }

    std::string bytes(std::uint64_t address, std::size_t size) const;

    /// A text that ends with a zero.
    std::string text(std::uint64_t address) const;

    std::string path_of(int descriptor) const;
    std::string path(int directory, std::uint64_t address) const;

    /// The caller's descriptor, for ourselves.
    int copy_of(int descriptor) const;

  private:
    pid_t pid_;
    const __u64* arguments_;
};

/// The paths that a call changes; the first is what its effect is about.
std::vector<std::string> paths(const Call& call, const Caller& caller);

/// Does the first half of a write in the caller's place; 0 if it is no write, or too short to
/// halve.
std::int64_t half_written(const Call& call, const Caller& caller);
