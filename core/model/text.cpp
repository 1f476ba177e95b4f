// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/text.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <span>

namespace core {
namespace {

struct Decoded {
    char32_t code = 0;
    std::size_t length = 0;  // 0: not valid UTF-8
};

/// The first code point of `text` (RFC 3629: shortest form, no surrogates, at most U+10FFFF).
Decoded decode(std::string_view text) {
    auto byte = [&](std::size_t i) -> std::uint8_t {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const char32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first >= 0xC2 && first < 0xE0 && continues(1)) {
        return {(first & 0x1F) << 6 | (byte(1) & 0x3Fu), 2};
    }
    if (first >= 0xE0 && first < 0xF0 && continues(1) && continues(2)) {
        const char32_t code = (first & 0x0F) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
        const bool surrogate = code >= 0xD800 && code < 0xE000;
        return {code, code >= 0x800 && !surrogate ? std::size_t{3} : std::size_t{0}};
    }
    if (first >= 0xF0 && first < 0xF5 && continues(1) && continues(2) && continues(3)) {
        const char32_t code = (first & 0x07) << 18 | (byte(1) & 0x3Fu) << 12 |
                              (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
        return {code, code >= 0x10000 && code < 0x110000 ? std::size_t{4} : std::size_t{0}};
    }
    return {};
}

struct Range {
    char32_t first, last;
};

bool is_in(std::span<const Range> ranges, char32_t code) {
    const auto found = std::ranges::lower_bound(ranges, code, {}, &Range::last);
    return found != ranges.end() && code >= found->first;
}

/// U+FDD0 to U+FDEF, and the last two of each plane: no characters, and never will be.
bool is_noncharacter(char32_t code) {
    return (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

/// C0, DEL and C1, which terminals obey; the separators of lines and paragraphs, at which some
/// readers begin a new line of an index; and what reorders all that follows it: embeddings,
/// overrides, isolates.
constexpr Range commands[] = {{0x00, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

/// What Unicode shows as nothing (Default_Ignorable_Code_Point of version 15), besides the above,
/// and annotations between lines. Directional marks, joiners, soft hyphens and variation selectors
/// are among them: prose needs them, but a reader cannot tell two names by them.
constexpr Range invisible[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2060, 0x206F},
    {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

bool is_command(char32_t code) {
    return is_in(commands, code) || is_noncharacter(code);
}

bool is_shown(char32_t code) {
    return !is_command(code) && !is_in(invisible, code);
}

/// Whether the character at the begin of `text` is part of the layout of prose.
bool is_layout(std::string_view text) {
    if (text.front() == '\r') return text.size() == 1 || text[1] == '\n';
    return text.front() == '\n' || text.front() == '\t';
}

/// With how many characters `text` begins that anything may show: of ASCII, and in lines their
/// ends.
std::size_t plain_length(std::string_view text, bool lines) {
    const auto* const end = std::ranges::find_if(text, [&](char c) {
        const bool kept = lines && (c == '\n' || c == '\t');
        return (c < ' ' && !kept) || c == '\x7f';
    });
    return static_cast<std::size_t>(end - text.begin());
}

/// `text` with what is not shown as it stands in the form that `escape_of` gives it: a function of
/// a character, or of a byte of no character.
template <class Escape>
std::string with_escapes(std::string_view text, bool lines, Escape&& escape_of) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        std::size_t length = plain_length(text, lines);
        if (length == 0) {
            const Decoded next = decode(text);
            length = std::max<std::size_t>(next.length, 1);
            if (next.length == 0 || !is_shown(next.code)) {
                result += escape_of(next, static_cast<std::uint8_t>(text.front()));
                text.remove_prefix(length);
                continue;
            }
        }
        result += text.substr(0, length);
        text.remove_prefix(length);
    }
    return result;
}

std::string escape(const Decoded& next, std::uint8_t byte) {
    const auto code = next.length == 0 ? byte : static_cast<std::uint32_t>(next.code);
    return code < 0xA0 || next.length == 0 ? fmt::format("\\x{:02x}", code)
                                           : fmt::format("\\u{{{:04x}}}", code);
}

/// As JSON writes a character by its number: two of them beyond U+FFFF.
std::string json_escape(const Decoded& next, std::uint8_t) {
    const char32_t code = next.length == 0 ? 0xFFFD : next.code;
    const auto number = static_cast<std::uint32_t>(code);
    if (number < 0x10000) return fmt::format("\\u{:04x}", number);
    const std::uint32_t rest = number - 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::string escaped(std::string_view text) {
    return with_escapes(text, false, escape);
}

std::string escaped_lines(std::string_view text) {
    return with_escapes(text, true, escape);
}

std::string escaped_json(std::string json) {
    if (plain_length(json, true) == json.size()) return json;
    return with_escapes(json, true, json_escape);
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = decode(text).length;
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool has_control_characters(std::string_view text, Text kind) {
    while (!text.empty()) {
        const auto [code, length] = decode(text);
        const bool is_bad = kind == Text::name ? !is_shown(code) : is_command(code);
        if (length != 0 && is_bad && !(kind == Text::prose && is_layout(text))) return true;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return false;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos) return parts;
        text.remove_prefix(begin);
        const std::size_t end = text.find_first_of(separators);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string normalized_name(std::string_view text) {
    std::string name = lower(text);
    std::erase_if(name, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); });
    return name;
}

std::string xml_escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto [code, length] = decode(text);
        const bool carried = code >= 0x20 || code == '\n' || code == '\t' || code == '\r';
        if (length == 0 || !carried || code == 0xFFFE || code == 0xFFFF) {
            result += "\xEF\xBF\xBD";
        } else if (code == '&') {
            result += "&amp;";
        } else if (code == '<') {
            result += "&lt;";
        } else if (code == '>') {
            result += "&gt;";
        } else if (code == '"') {
            result += "&quot;";
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

}  // namespace core
