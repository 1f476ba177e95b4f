// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is read once, from its begin to its end, and hashed on the way: the digest is that of
// the very bytes that its readers saw, whatever happens to the file meanwhile (TOCTOU).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/model/digest.hpp"
#include "core/system/files.hpp"

namespace archive {

/// Not thread-safe.
class Passage {
  public:
    explicit Passage(core::File file);

    /// Up to `size` bytes from `position`; fewer only at the end. One may look ahead and go back a
    /// little; what lies further back was given away, and to ask for it is an Error.
    std::size_t read_at(std::uint64_t position, char* buffer, std::size_t size);

    /// Of the whole file; reads what is left of it.
    core::Digest digest();

  private:
    struct Block {
        std::uint64_t begin = 0;
        std::string bytes;
    };

    bool read_block();

    core::File file_;
    core::Hasher hasher_;
    std::array<Block, 2> blocks_;  // the last two, the older one first
    std::uint64_t end_ = 0;        // of what was read
};

}  // namespace archive
