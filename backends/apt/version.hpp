// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's version numbers (Debian Policy §5.6.12): their syntax and their order.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace apt {

struct Version {
    std::string epoch;  // empty: none, which equals 0
    std::string upstream;
    std::string revision;  // empty: none, which equals 0
};

/// Splits at the first colon and the last hyphen; nullopt unless the syntax is Policy's.
std::optional<Version> parse_version(std::string_view text);

/// Whether dpkg can read, compare and unpack with a version that somebody refers to: it asks for
/// less than Policy does of a package's own.
bool comparable(std::string_view text);

/// dpkg's order, for any text.
std::strong_ordering compare_versions(std::string_view a, std::string_view b);

}  // namespace apt
