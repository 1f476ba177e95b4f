// SPDX-License-Identifier: GPL-3.0-or-later
// Integers as RPM files store them. The caller has checked that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yum {

inline std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t width) {
    std::uint64_t value = 0;
    for (const char byte : bytes.substr(offset, width)) {
        value = value << 8 | static_cast<std::uint8_t>(byte);
    }
    return value;
}

inline std::uint32_t big_endian32(std::string_view bytes, std::size_t offset) {
    return static_cast<std::uint32_t>(big_endian(bytes, offset, 4));
}

}  // namespace yum
