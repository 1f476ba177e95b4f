// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/cut.hpp"

#include <string>

#include "backends/shards/gzip.hpp"

namespace shards {
namespace {

// A shard has 16 rows and goes on to a border, which follows one row in 8: 23 rows on average, some
// 50 KiB of each of yum's files. Smaller shards cost size, larger ones cost time, because a changed
// row makes its whole shard anew. With no least size most rows would stand in the largest ones.
constexpr std::size_t least_rows = 16;
constexpr std::uint8_t border_bits = 0x07;

// Digests can be chosen by trying; a shard stays bounded nevertheless.
constexpr std::size_t most_rows = 256;

bool border_after(const core::Row& row) {
    return (row.digest.bytes[0] & border_bits) == 0;
}

}  // namespace

std::vector<Part> cut(const core::Rows& rows, Cut where) {
    std::vector<Part> parts;
    const Part all(rows);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::size_t count = i + 1 - begin;
        const bool border = where == Cut::after_each_row ||
                            (count >= least_rows && border_after(rows[i])) || count == most_rows;
        if (border || i + 1 == rows.size()) {
            parts.push_back(all.subspan(begin, count));
            begin = i + 1;
        }
    }
    return parts;
}

core::Digest key_of(Part part, std::string_view kind, std::size_t files) {
    std::string text = compressor_name();
    text += '\0';
    text += kind;
    text += '\0';
    text += std::to_string(files);
    for (const core::Row& row : part) {
        text += '\0';
        text += row.path;
        text += '\0';
        text.append(reinterpret_cast<const char*>(row.digest.bytes.data()),
                    row.digest.bytes.size());
    }
    return core::sha256(text);
}

}  // namespace shards
