// SPDX-License-Identifier: GPL-3.0-or-later
// Text that crosses a border: hostile bytes on their way to a terminal or log, names of ours.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// Control characters, invalid UTF-8 and bidirectional overrides as \xNN or \u{NNNN}; tabs and
/// newlines too. What comes out is one harmless line.
std::string escaped(std::string_view text);

bool valid_utf8(std::string_view text);

/// True if there is a C0 or C1 control character, DEL, or a Unicode bidirectional control in
/// `text`. Newline and tab count only if `lines` is false.
bool has_control_characters(std::string_view text, bool lines = false);

std::string lower(std::string_view text);         // ASCII only
std::string_view trimmed(std::string_view text);  // ASCII white space
std::vector<std::string> split(std::string_view text,
                               std::string_view separators);  // no empty parts
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The number that `text` has in decimal digits and nothing else; nullopt if there is none, or if
/// it is too large for its type.
template <std::integral Number = std::uint64_t>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || end != last || text.front() == '-') return std::nullopt;
    return number;
}

/// In lower case and without all but letters and digits (ASCII), for names that people write in
/// many ways: "Stage-Rollout", "stage rollout" and "StageRollout" are one.
std::string normalized_name(std::string_view text);

/// For XML text and attribute values (XML 1.0 §2.4). Characters that XML 1.0 cannot carry become
/// U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace core
