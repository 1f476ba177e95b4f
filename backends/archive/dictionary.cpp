// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/dictionary.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "backends/archive/fault.hpp"

namespace archive {
namespace {

using namespace std::string_view_literals;

/// Thrown where the source ends in the middle.
struct Ended {};

class Cursor {
  public:
    Cursor(const Source& source, Kind kind) : source_(source), kind_(kind) {}

    std::uint64_t position() const { return position_; }
    bool at_end() const { return position_ >= source_.size(); }

    void skip(std::uint64_t size) {
        if (size > source_.size() - position_) throw Ended();
        position_ += size;
    }

    std::string_view take(std::size_t size) {
        const std::string_view bytes = peek(size);
        position_ += size;
        return bytes;
    }

    /// The next bytes, valid until the following call.
    std::string_view peek(std::size_t size) {
        if (position_ < begin_ || position_ + size > begin_ + window_.size()) {
            begin_ = position_;
            window_ = source_.text_at(begin_, std::max<std::size_t>(size, 4096));
        }
        const std::string_view rest =
            std::string_view(window_).substr(static_cast<std::size_t>(position_ - begin_));
        if (rest.size() < size) throw Ended();
        return rest.substr(0, size);
    }

    std::uint8_t byte() { return static_cast<std::uint8_t>(take(1).front()); }

    /// The lowest byte first.
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        const std::string_view bytes = take(size);
        for (std::size_t i = size; i-- > 0;)
            value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
        return value;
    }

    [[noreturn]] void damaged() const {
        throw Broken(Fault::corrupt,
                     "it begins like " + std::string(description(kind_)) +
                         ", but has not the form of one at byte " + std::to_string(position_),
                     "make or transfer the file again");
    }

  private:
    const Source& source_;
    Kind kind_;
    std::uint64_t position_ = 0;
    std::string window_;
    std::uint64_t begin_ = 0;
};

// https://tukaani.org/xz/xz-file-format.txt

std::uint64_t xz_number(Cursor& cursor) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        const std::uint64_t byte = cursor.byte();
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    cursor.damaged();
}

/// The dictionary of a block; the cursor is at the first byte of its header, which is its size.
std::uint64_t xz_block_header(Cursor& cursor) {
    constexpr std::uint64_t lzma2 = 0x21;
    const std::uint64_t begin = cursor.position();
    const std::uint64_t size = (std::uint64_t{cursor.byte()} + 1) * 4;
    const std::uint8_t flags = cursor.byte();
    if ((flags & 0x3c) != 0) cursor.damaged();
    if ((flags & 0x40) != 0) xz_number(cursor);  // compressed size
    if ((flags & 0x80) != 0) xz_number(cursor);  // size
    std::optional<std::uint64_t> dictionary;
    for (int filter = 0; filter <= (flags & 3); ++filter) {
        const std::uint64_t id = xz_number(cursor);
        const std::uint64_t properties = xz_number(cursor);
        const bool last = filter == (flags & 3);
        if ((id == lzma2) != last || (last && properties != 1)) cursor.damaged();
        if (!last) {
            cursor.skip(properties);
            continue;
        }
        const unsigned bits = cursor.byte();
        if (bits > 40) cursor.damaged();
        dictionary = bits == 40 ? 0xffffffffu : (2ull | (bits & 1)) << (bits / 2 + 11);
    }
    if (cursor.position() + 4 > begin + size) cursor.damaged();
    cursor.skip(begin + size - cursor.position());
    return *dictionary;
}

/// LZMA2 is made of chunks that say how long they are.
void skip_lzma2(Cursor& cursor) {
    while (const std::uint8_t control = cursor.byte()) {
        if (control == 1 || control == 2) {
            const std::string_view size = cursor.take(2);
            cursor.skip((std::uint64_t{static_cast<std::uint8_t>(size[0])} << 8 |
                         static_cast<std::uint8_t>(size[1])) +
                        1);
        } else if (control >= 0x80) {
            const std::string_view sizes = cursor.take(4);
            const std::uint64_t packed = (std::uint64_t{static_cast<std::uint8_t>(sizes[2])} << 8 |
                                          static_cast<std::uint8_t>(sizes[3])) +
                                         1;
            cursor.skip(packed + (control >= 0xc0 ? 1 : 0));
        } else {
            cursor.damaged();
        }
    }
}

void skip_xz_padding(Cursor& cursor, std::uint64_t begin) {
    cursor.skip((4 - (cursor.position() - begin) % 4) % 4);
}

void xz_stream(Cursor& cursor, std::uint64_t& largest) {
    constexpr std::size_t header_size = 12;
    constexpr std::uint8_t check_sizes[] = {0,  4,  4,  4,  8,  8,  8,  16,
                                            16, 16, 32, 32, 32, 64, 64, 64};
    const std::string_view header = cursor.take(header_size);
    if (!header.starts_with("\xfd"
                            "7zXZ\0\0"sv) ||
        (static_cast<std::uint8_t>(header[7]) & 0xf0) != 0) {
        cursor.damaged();
    }
    const std::uint64_t check = check_sizes[static_cast<std::uint8_t>(header[7])];
    while (cursor.peek(1).front() != '\0') {
        const std::uint64_t begin = cursor.position();
        largest = std::max(largest, xz_block_header(cursor));
        skip_lzma2(cursor);
        skip_xz_padding(cursor, begin);
        cursor.skip(check);
    }
    const std::uint64_t index = cursor.position();
    cursor.skip(1);
    for (std::uint64_t records = xz_number(cursor); records > 0; --records) {
        xz_number(cursor);
        xz_number(cursor);
    }
    skip_xz_padding(cursor, index);
    cursor.skip(4 + header_size);  // checksum, footer
    while (!cursor.at_end() && cursor.peek(1).front() == '\0') cursor.skip(1);
}

// RFC 8878 §3.1

std::uint64_t zstd_window(Cursor& cursor) {
    const std::uint8_t descriptor = cursor.byte();
    const bool single = (descriptor & 0x20) != 0;
    std::uint64_t window = 0;
    if (!single) {
        const std::uint8_t code = cursor.byte();
        const std::uint64_t base = 1ull << (10 + (code >> 3));
        window = base + base / 8 * (code & 7);
    }
    constexpr std::size_t dictionary_ids[] = {0, 1, 2, 4};
    cursor.skip(dictionary_ids[descriptor & 3]);
    const unsigned code = descriptor >> 6;
    const std::size_t size = code == 0 ? (single ? 1 : 0) : std::size_t{1} << code;
    const std::uint64_t content = size == 0 ? 0 : cursor.number(size) + (size == 2 ? 256 : 0);
    return single ? content : window;
}

void zstd_frame(Cursor& cursor, std::uint64_t& largest) {
    const std::uint64_t magic = cursor.number(4);
    if ((magic & 0xfffffff0) == 0x184d2a50) {  // to be skipped
        cursor.skip(cursor.number(4));
        return;
    }
    if (magic != 0xfd2fb528) cursor.damaged();
    const bool checksum = (cursor.peek(1).front() & 4) != 0;
    largest = std::max(largest, zstd_window(cursor));
    for (bool last = false; !last;) {
        const std::uint64_t header = cursor.number(3);
        last = (header & 1) != 0;
        const std::uint64_t type = header >> 1 & 3;
        if (type == 3) cursor.damaged();
        cursor.skip(type == 1 ? 1 : header >> 3);  // 1: one byte, many times
    }
    if (checksum) cursor.skip(4);
}

std::uint64_t lzma_alone(Cursor& cursor) {
    cursor.skip(1);
    return cursor.number(4);
}

}  // namespace

std::uint64_t dictionary_size(const Source& source, Kind kind) {
    Cursor cursor(source, kind);
    std::uint64_t largest = 0;
    try {
        if (kind == Kind::lzma) return lzma_alone(cursor);
        if (kind != Kind::xz && kind != Kind::zstd) return 0;
        const auto read_part = kind == Kind::xz ? xz_stream : zstd_frame;
        while (!cursor.at_end()) read_part(cursor, largest);
    } catch (const Ended&) {
        // So it does for who decompresses it.
    }
    return largest;
}

}  // namespace archive
