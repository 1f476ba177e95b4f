// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_references.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace bundle {
namespace {

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
    using Kind = Reference::Kind;
    const std::string_view rest = text.substr(1, longest_name);
    const bool number = rest.starts_with('#');
    const std::size_t semicolon = rest.find_first_not_of(name_characters, number ? 1 : 0);
    const bool ends = semicolon != std::string_view::npos && rest[semicolon] == ';';
    if (!ends || semicolon == 0) return {};
    const std::string_view name = rest.substr(0, semicolon);
    const std::size_t length = semicolon + 2;
    if (number) {
        const std::string character = numeric(name);
        if (character.empty()) return {Kind::no_character, name, length, "?"};
        return {Kind::sound, name, length, character};
    }
    for (const auto& [known, character] : predefined) {
        if (name == known) return {Kind::sound, name, length, {character}};
    }
    return {Kind::undefined, name, length, std::string(text, 0, length)};
}

}  // namespace bundle
