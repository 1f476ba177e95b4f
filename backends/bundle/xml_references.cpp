// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_references.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

namespace bundle {
namespace {

using core::reason::xml_syntax;

constexpr std::size_t longest_name = 32;  // of an entity that people write by mistake
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:";

constexpr std::array<std::pair<std::string_view, char>, 5> predefined = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

/// XML 1.0, production 2.
bool is_xml_character(std::uint32_t code) {
    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
           (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code < 0x110000);
}

std::string utf8(std::uint32_t code) {
    if (code < 0x80) return {static_cast<char>(code)};
    std::string tail;
    std::uint32_t lead = 0x1F80;  // its low byte says how many bytes follow
    for (std::uint32_t most = 0x3F; code > most; most >>= 1, lead >>= 1) {
        tail.insert(tail.begin(), static_cast<char>(0x80 | (code & 0x3F)));
        code >>= 6;
    }
    return static_cast<char>(lead | code) + tail;
}

/// The character of "#233" or "#xE9"; empty if there is none that XML allows.
std::string numeric(std::string_view name) {
    const bool hexadecimal = name.starts_with("#x");
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool whole = failure == std::errc() && end == digits.data() + digits.size();
    return whole && is_xml_character(code) ? utf8(code) : std::string();
}

}  // namespace

Reference read_reference(std::string_view text) {
    const std::string_view rest = text.substr(1, longest_name);
    const bool number = rest.starts_with('#');
    const std::size_t end = rest.find_first_not_of(name_characters, number ? 1 : 0);
    if (end == 0 || end == std::string_view::npos || rest[end] != ';') {
        return {1, "&", xml_syntax, "a '&' that begins no reference", "write &amp;"};
    }
    const std::string_view name = rest.substr(0, end);
    const std::string_view whole = text.substr(0, end + 2);
    if (number) {
        const std::string character = numeric(name);
        if (!character.empty()) return {whole.size(), character, {}, {}, {}};
        return {whole.size(), "?", core::reason::control_characters,
                fmt::format("{} is no character that XML allows", whole), "remove it"};
    }
    for (const auto& [known, character] : predefined) {
        if (name == known) return {whole.size(), {character}, {}, {}, {}};
    }
    return {whole.size(),
            std::string(whole),
            xml_syntax,
            fmt::format("the entity {} is not defined", whole),
            "write the character itself, or its number: &nbsp; is &#160;",
            true};
}

}  // namespace bundle
