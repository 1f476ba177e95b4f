// SPDX-License-Identifier: GPL-3.0-or-later
// gzip members and checksums, made by libdeflate: three times as fast as zlib, and a little
// smaller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace shards {

/// zlib's default is 6 too; see README.md of backends for the measured alternatives.
constexpr int usual_level = 6;

/// Makes gzip members (RFC 1952). The same text always gives the same bytes: no name, no time.
/// Not thread-safe.
class Compressor {
  public:
    explicit Compressor(int level = usual_level);

    /// The member is opened and compared with the text before it is returned: most of what is made
    /// of it is checked by digest only, so that no one else opens it before a client does.
    std::string member(std::string_view text);

  private:
    struct Free {
        void operator()(libdeflate_compressor* compressor) const;
    };
    std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

/// The text of one gzip member; nothing unless it is whole, alone and of exactly `size` bytes.
std::optional<std::string> text_of_member(std::string_view member, std::uint64_t size);

/// Opens gzip members that follow one another and calls `take` with the text of each. False if one
/// is damaged, or if all of them do not have exactly `size` bytes.
bool open_members(std::string_view members, std::uint64_t size,
                  const std::function<void(std::string_view)>& take);

/// Compressors of other names may make other bytes of the same text.
std::string compressor_name(int level = usual_level);

/// Finds damage, not malice. About 10 GB/s. `before` is that of the bytes in front.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace shards
