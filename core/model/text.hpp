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

// Whatever is shown (on a terminal, in a log, on a ticket) goes through one of the three below.
// What is not shown as it stands: C0, DEL and C1 control characters, all that reorders text, the
// separators of lines and paragraphs, all that is shown as nothing (zero width, joiners, tags),
// what is no character, and bytes that are not UTF-8.

/// One harmless line: such characters as \xNN or \u{NNNN}, tabs and newlines too. What is escaped
/// already stays as it is.
std::string escaped(std::string_view text);

/// The same for a text that has lines: newlines and tabs stay.
std::string escaped_lines(std::string_view text);

/// The same for JSON that was written: such characters as \uNNNN, so that its values are the same.
/// (Outside of strings JSON has none of them.)
std::string escaped_json(std::string json);

bool valid_utf8(std::string_view text);

/// What a text that is kept or published is for, and so what it may hold.
enum class Text {
    name,   // people compare it by eye: nothing that is not shown as it stands
    line,   // marks of direction, joiners and the like too: Persian, Indic scripts and emoji have
            // them, and they change nothing but the letters beside them
    prose,  // newlines and tabs too
};

/// True if there is a character in `text` that it must not hold: a control character, one that
/// reorders or cuts the text, one that Unicode does not have; in a name, one that is not seen.
bool has_control_characters(std::string_view text, Text kind = Text::name);

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
