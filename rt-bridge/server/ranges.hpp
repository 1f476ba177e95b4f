// SPDX-License-Identifier: GPL-3.0-or-later
// Which bytes of a file a request wants (RFC 9110 §14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace server {

struct Range {
    std::uint64_t first = 0;
    std::uint64_t size = 0;

    bool operator==(const Range&) const = default;
};

/// The ranges that the header Range asks for of a file of `size` bytes, in its order, and without
/// those that begin after its end. Nothing if it cannot be read or none is left (416). One range of
/// everything if it asks for more than 256 (librepo's most), or for more than there is.
std::optional<std::vector<Range>> ranges_of(std::string_view header, std::uint64_t size);

}  // namespace server
