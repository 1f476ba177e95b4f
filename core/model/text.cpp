// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/text.hpp"

#include <cstdint>
#include <fmt/format.h>

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

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/// Characters that reorder or hide what a reader sees (Unicode bidirectional controls, zero width).
bool is_deceptive(char32_t code) {
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200E || code == 0x200F || code == 0x061C || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto [code, length] = decode(text);
        if (length == 0) {
            result += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
        } else if (is_control(code)) {
            result += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
        } else if (is_deceptive(code)) {
            result += fmt::format("\\u{{{:04x}}}", static_cast<std::uint32_t>(code));
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = decode(text).length;
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool has_control_characters(std::string_view text, bool lines) {
    while (!text.empty()) {
        const auto [code, length] = decode(text);
        const bool line_character = code == '\n' || code == '\t';
        if (length != 0 && (is_control(code) || is_deceptive(code)) && !(lines && line_character)) {
            return true;
        }
        text.remove_prefix(length == 0 ? 1 : length);
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
