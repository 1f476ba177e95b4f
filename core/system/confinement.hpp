// SPDX-License-Identifier: GPL-3.0-or-later
// How a process gives up all that it could do but compute: after it there are open descriptors and
// memory, and nothing else. By seccomp(2), landlock(7) and setrlimit(2).
#pragma once

#include <cstdint>
#include <memory>

namespace core {

struct CellLimits {
    // Bytes of address space, libraries not counted; of a file that it was given to write to.
    std::uint64_t memory = std::uint64_t{768} << 20;
    std::uint64_t file = 0;
};

class Confinement {
  public:
    /// Made once, by who will make the processes. Throws Error if the library of seccomp cannot.
    Confinement();
    ~Confinement();

    /// Closes this process in. Descriptors beyond those that are open are not to be had, and
    /// neither are files, sockets, programs, other processes or threads; core dumps and debuggers
    /// neither. True if Landlock helps, which not every kernel has. Throws Error if anything else
    /// is missing: then nothing hostile may be read here.
    bool enter(const CellLimits& limits) const;

  private:
    struct Filter;
    std::unique_ptr<const Filter> filter_;
};

}  // namespace core
