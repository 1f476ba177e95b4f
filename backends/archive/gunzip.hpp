// SPDX-License-Identifier: GPL-3.0-or-later
// gzip by zlib itself: libarchive's own gzip filter reads past the checksum and the size at the end
// of each member (RFC 1952 §2.3.1) without looking at them, and this is the form most bundles have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/source.hpp"

namespace archive {

class Gunzip {
  public:
    /// Borrows `source`.
    explicit Gunzip(const Source& source);
    ~Gunzip();

    /// The next bytes, valid until the following call; empty at the end, which is where the last
    /// whole gzip member ends. Throws Broken.
    std::string_view next_block();

    /// How many bytes of the source were used up.
    std::uint64_t consumed() const;

  private:
    struct Stream;

    void fill();
    bool next_member();
    void inflate_some();

    const Source& source_;
    std::unique_ptr<char[]> input_;
    std::unique_ptr<char[]> output_;
    std::uint64_t fed_ = 0;
    bool between_members_ = false;
    std::unique_ptr<Stream> stream_;
};

}  // namespace archive
