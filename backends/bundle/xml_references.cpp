// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_references.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "backends/bundle/xml_encoding.hpp"
#include "core/text.hpp"

namespace bundle {
namespace {

using core::reason::control_characters;
using core::reason::xml_syntax;

constexpr std::size_t longest_name = 32;  // of an entity that people write by mistake

bool is_predefined(std::string_view name) {
    constexpr std::array names = {"amp", "lt", "gt", "quot", "apos"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// HTML's entities that get into descriptors from web pages.
std::string instead_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, int>, 9> known = {{{"nbsp", 160},
                                                                        {"copy", 169},
                                                                        {"reg", 174},
                                                                        {"eacute", 233},
                                                                        {"uuml", 252},
                                                                        {"ndash", 8211},
                                                                        {"mdash", 8212},
                                                                        {"bull", 8226},
                                                                        {"hellip", 8230}}};
    const auto* found = std::find_if(known.begin(), known.end(),
                                     [&](const auto& each) { return each.first == name; });
    if (found == known.end()) return "write the character itself";
    return fmt::format("write &#{};, or the character itself", found->second);
}

/// The code point of "#233" or "#xE9"; 0 if there is none that XML allows.
char32_t numeric(std::string_view reference) {
    const bool hexadecimal = reference.starts_with("#x");
    const std::string_view digits = reference.substr(hexadecimal ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool whole = failure == std::errc() && end == digits.data() + digits.size();
    return whole && is_xml_character(code) ? code : 0;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.' || c == ':';
    });
}

}  // namespace

void check_references(std::string_view text, std::size_t begin, std::size_t end,
                      const Nesting& nesting, std::string_view tag, bool quiet,
                      const LineTable& lines, Findings& findings, std::vector<Edit>& edits) {
    const std::string_view whole = text.substr(0, end);
    for (std::size_t at = whole.find('&', begin); at != std::string_view::npos;
         at = whole.find('&', at + 1)) {
        const std::string_view rest = whole.substr(at + 1, longest_name);
        const std::size_t semicolon = rest.find(';');
        const std::string_view name = rest.substr(0, semicolon);
        const bool ends = semicolon != std::string_view::npos;
        if (ends && is_predefined(name)) continue;
        if (ends && name.starts_with('#')) {
            if (numeric(name) != 0) continue;
            findings.error(control_characters, lines.place(at), nesting.path(tag),
                           fmt::format("&{}; is no character that XML allows", name), "remove it");
            edits.push_back({at, name.size() + 2, "?"});
        } else if (ends && is_name(name)) {
            if (quiet) continue;
            findings.error(xml_syntax, lines.place(at), nesting.path(tag),
                           fmt::format("the entity &{}; is not defined", name), instead_of(name));
        } else {
            findings.error(xml_syntax, lines.place(at), nesting.path(tag),
                           "a '&' that begins no reference", "write &amp;");
            edits.push_back({at, 1, "&amp;"});
        }
    }
}

}  // namespace bundle
