// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/gzip.hpp"

#include <algorithm>
#include <libdeflate.h>

#include "core/model/error.hpp"

namespace shards {
namespace {

// No deflate stream opens to more (RFC 1951: 258 bytes are two bits at the least).
constexpr std::uint64_t largest_growth = 1032;

using Decompressor =
    std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>;

Decompressor new_decompressor() {
    Decompressor decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    if (!decompressor) throw core::Error("not enough memory to decompress");
    return decompressor;
}

}  // namespace

void Compressor::Free::operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
}

Compressor::Compressor(int level) : compressor_(libdeflate_alloc_compressor(level)) {
    if (!compressor_) throw core::Error("not enough memory to compress");
}

std::string Compressor::member(std::string_view text) {
    std::string bytes;
    bytes.resize(libdeflate_gzip_compress_bound(compressor_.get(), text.size()));
    const std::size_t size = libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(),
                                                      bytes.data(), bytes.size());
    if (size == 0) throw core::Error("cannot compress");
    bytes.resize(size);
    if (text_of_member(bytes, text.size()) != text) {
        throw core::Error("what was compressed does not open to what it was made of");
    }
    return bytes;
}

std::optional<std::string> text_of_member(std::string_view member, std::uint64_t size) {
    if (size > member.size() * largest_growth) return std::nullopt;
    const Decompressor decompressor = new_decompressor();
    std::string text(static_cast<std::size_t>(size), '\0');
    std::size_t used = 0;
    const auto result = libdeflate_gzip_decompress_ex(
        decompressor.get(), member.data(), member.size(), text.data(), text.size(), &used, nullptr);
    if (result != LIBDEFLATE_SUCCESS || used != member.size()) return std::nullopt;
    return text;
}

bool open_members(std::string_view members, std::uint64_t size,
                  const std::function<void(std::string_view)>& take) {
    const Decompressor decompressor = new_decompressor();
    std::string text(1 << 16, '\0');
    while (!members.empty()) {
        std::size_t used = 0;
        std::size_t made = 0;
        const std::size_t room = std::min<std::uint64_t>(text.size(), size);
        const auto result = libdeflate_gzip_decompress_ex(
            decompressor.get(), members.data(), members.size(), text.data(), room, &used, &made);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < size) {
            text.resize(2 * text.size());
            continue;
        }
        if (result != LIBDEFLATE_SUCCESS) return false;
        take(std::string_view(text).substr(0, made));
        members.remove_prefix(used);
        size -= made;
    }
    return size == 0;
}

std::string compressor_name(int level) {
    return "libdeflate " LIBDEFLATE_VERSION_STRING " level " + std::to_string(level);
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
    return libdeflate_crc32(before, bytes.data(), bytes.size());
}

}  // namespace shards
