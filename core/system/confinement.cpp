// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/confinement.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace core {
namespace {

/// What a filter of a library says in its answer.
void require(int result, const char* what) {
    if (result >= 0) return;
    errno = -result;
    throw system_error(what);
}

/// System calls that do nothing but compute, or act on descriptors that are open.
constexpr std::array harmless{
    SCMP_SYS(read),         SCMP_SYS(readv),          SCMP_SYS(pread64),
    SCMP_SYS(write),        SCMP_SYS(writev),         SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),        SCMP_SYS(fstat),          SCMP_SYS(close),
    SCMP_SYS(poll),         SCMP_SYS(ppoll),          SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),      SCMP_SYS(recvfrom),       SCMP_SYS(munmap),
    SCMP_SYS(mremap),       SCMP_SYS(madvise),        SCMP_SYS(brk),
    SCMP_SYS(futex),        SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(getpid),         SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(sched_getaffinity),
    SCMP_SYS(dup),          SCMP_SYS(sysinfo),
};

/// Memory of a process never becomes a program.
constexpr std::array maps_memory{SCMP_SYS(mmap), SCMP_SYS(mprotect)};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // terabytes of shadow memory are mapped
#else
constexpr bool sanitized = false;
#endif

/// Looks whether it is set.
void set_limit(__rlimit_resource resource, rlim_t most) {
    rlimit limit{};
    bool set = ::prlimit(0, resource, nullptr, &limit) == 0;
    limit.rlim_max = std::min(limit.rlim_max, most);
    limit.rlim_cur = limit.rlim_max;
    set = set && ::prlimit(0, resource, &limit, nullptr) == 0 &&
          ::prlimit(0, resource, nullptr, &limit) == 0 && limit.rlim_max <= most;
    if (!set) throw system_error("cannot set the limits of a cell");
}

std::uint64_t memory_in_use() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    if (!(statm >> pages)) throw Error("cannot read /proc/self/statm");
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void set_limits(const CellLimits& limits) {
    constexpr rlim_t open_files = 64;
    if (!sanitized) set_limit(RLIMIT_AS, memory_in_use() + limits.memory);
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_FSIZE, limits.file);
    set_limit(RLIMIT_NOFILE, open_files);
}

/// All rights that the kernel knows of are taken, and none is given. False without Landlock.
bool enter_landlock() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0) return false;
    // As landlock(7) lays it out; the headers of Debian 12 end after the first member.
    struct Ruleset {
        std::uint64_t files;
        std::uint64_t network;
        std::uint64_t scopes;
    };
    constexpr std::array<unsigned, 5> rights_of_version{13, 14, 15, 15, 16};  // of files, in bits
    const std::size_t known = std::min<std::size_t>(static_cast<std::size_t>(version), 5);
    Ruleset ruleset{(1ull << rights_of_version[known - 1]) - 1, 0, 0};
    std::size_t size = sizeof ruleset.files;
    if (version >= 4) {
        ruleset.network = 3;  // bind, connect
        size += sizeof ruleset.network;
    }
    if (version >= 6) {
        ruleset.scopes = 3;  // abstract sockets, signals
        size += sizeof ruleset.scopes;
    }
    const File rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &ruleset, size, 0)));
    return rules.descriptor() >= 0 &&
           ::syscall(SYS_landlock_restrict_self, rules.descriptor(), 0) == 0;
}

}  // namespace

struct Confinement::Filter {
    Filter() : context(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
        if (context == nullptr) throw Error("cannot make a filter of system calls");
    }
    ~Filter() { ::seccomp_release(context); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    void allow(int call) {
        require(::seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0), "cannot filter a call");
    }
    /// Only where an argument has none of, or all of, these bits.
    void allow_if(int call, unsigned argument, std::uint64_t mask, std::uint64_t value) {
        const scmp_arg_cmp rule{argument, SCMP_CMP_MASKED_EQ, mask, value};
        require(::seccomp_rule_add_array(context, SCMP_ACT_ALLOW, call, 1, &rule),
                "cannot filter a call");
    }

    scmp_filter_ctx context;
};

Confinement::Confinement() {
    auto filter = std::make_unique<Filter>();
    for (const int call : harmless) filter->allow(call);
    for (const int call : maps_memory) filter->allow_if(call, 2, PROT_EXEC, 0);
    // glibc's fstat; sysconf and getrlimit; send. Of paths, addresses and new limits: nothing.
    filter->allow_if(SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
    filter->allow_if(SCMP_SYS(prlimit64), 2, ~0ull, 0);
    filter->allow_if(SCMP_SYS(sendto), 4, ~0ull, 0);
    for (const std::uint64_t about : {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC}) {
        filter->allow_if(SCMP_SYS(fcntl), 1, ~0ull, about);  // not: whom to send signals
    }
    if (sanitized) {
        // By a pipe they find out whether an address can be read.
        for (const int call : {SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(readlink)}) {
            filter->allow(call);
        }
    }
    filter_ = std::move(filter);
}

Confinement::~Confinement() = default;

bool Confinement::enter(const CellLimits& limits) const {
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) throw system_error("cannot forbid debuggers");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw system_error("cannot drop privileges");
    set_limits(limits);
    const bool landlocked = enter_landlock();
    require(::seccomp_load(filter_->context), "cannot filter the system calls of a cell");
    if (::prctl(PR_GET_SECCOMP) != 2) {
        // It may not even ask, which is as good.
        if (errno != EPERM) throw Error("the system calls of a cell are not filtered");
    }
    return landlocked;
}

}  // namespace core
