// SPDX-License-Identifier: GPL-3.0-or-later
// What zlib inflates: gzip, because libarchive's own filter reads past the checksum and the size at
// the end of each member (RFC 1952 §2.3.1) without looking at them, and the bare deflate of zips.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/source.hpp"
#include "backends/archive/stream.hpp"

namespace archive {

class ZlibStream : public Stream {
  public:
    enum class Form { gzip, deflate };

    /// Borrows `source`.
    ZlibStream(const Source& source, Form form);
    ~ZlibStream() override;

    /// Up to where the deflate stream ends, or the last whole gzip member.
    std::string_view next_block() override;

    std::uint64_t consumed() const override;

  private:
    struct State;

    void fill();
    bool next_member();
    void inflate_some();

    const Source& source_;
    std::unique_ptr<char[]> input_;
    std::unique_ptr<char[]> output_;
    std::uint64_t fed_ = 0;
    Form form_;
    bool member_ended_ = false;
    std::unique_ptr<State> stream_;
};

}  // namespace archive
