// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/gzip.hpp"

#include <libdeflate.h>

#include "core/error.hpp"

namespace shards {
namespace {

// zlib's default level is 6 too; see README.md of backends for the measured alternatives.
constexpr int level = 6;

// No deflate stream opens to more (RFC 1951: 258 bytes are two bits at the least).
constexpr std::uint64_t largest_growth = 1032;

}  // namespace

void Compressor::Free::operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
}

Compressor::Compressor() : compressor_(libdeflate_alloc_compressor(level)) {
    if (!compressor_) throw core::Error("not enough memory to compress");
}

std::string Compressor::member(std::string_view text) {
    std::string bytes;
    bytes.resize(libdeflate_gzip_compress_bound(compressor_.get(), text.size()));
    const std::size_t size = libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(),
                                                      bytes.data(), bytes.size());
    if (size == 0) throw core::Error("cannot compress");
    bytes.resize(size);
    return bytes;
}

std::optional<std::string> text_of_member(std::string_view member, std::uint64_t size) {
    if (size > member.size() * largest_growth) return std::nullopt;
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>
        decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    if (!decompressor) throw core::Error("not enough memory to decompress");
    std::string text(static_cast<std::size_t>(size), '\0');
    std::size_t used = 0;
    const auto result = libdeflate_gzip_decompress_ex(
        decompressor.get(), member.data(), member.size(), text.data(), text.size(), &used, nullptr);
    if (result != LIBDEFLATE_SUCCESS || used != member.size()) return std::nullopt;
    return text;
}

std::string_view compressor_name() {
    return "libdeflate " LIBDEFLATE_VERSION_STRING " level 6";
}

std::uint32_t crc32(std::string_view bytes) {
    return libdeflate_crc32(0, bytes.data(), bytes.size());
}

}  // namespace shards
