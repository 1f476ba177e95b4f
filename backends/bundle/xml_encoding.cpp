// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_encoding.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "core/model/text.hpp"

namespace bundle {
namespace {

using core::reason::control_characters;
using core::reason::xml_encoding;
using core::reason::xml_syntax;

constexpr char replacement = '_';  // means nothing in markup
constexpr std::string_view to_utf8 = "save the document as UTF-8";

/// The length of the UTF-8 sequence at the beginning of `text`; 0: it is none.
std::size_t sequence_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length > text.size() || !core::valid_utf8(text.substr(0, length))) return 0;
    return length;
}

bool is_forbidden(std::string_view sequence) {
    const char first = sequence.front();
    if (sequence.size() == 1) {
        return static_cast<unsigned char>(first) < 0x20 && first != '\t' && first != '\n' &&
               first != '\r';
    }
    return sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";  // U+FFFE, U+FFFF
}

/// A kind of fault that can occur at each byte: told once, with where it begins and how often.
struct Tally {
    std::size_t first = 0;
    std::size_t count = 0;

    void meet(std::size_t offset) {
        if (count++ == 0) first = offset;
    }
    std::string others() const {
        return count > 1 ? fmt::format(", and {} more like it", count - 1) : std::string();
    }
};

bool is_other_encoding(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr std::array marks = {"\xFE\xFF"sv, "\xFF\xFE"sv, "\0\0\xFE\xFF"sv,    "\0<"sv, "<\0"sv,
                                  "\0\0\0<"sv,  "+/v"sv,      "\x4C\x6F\xA7\x94"sv /* EBCDIC */};
    return std::any_of(marks.begin(), marks.end(),
                       [&](std::string_view mark) { return bytes.starts_with(mark); });
}

/// The pseudo attributes of an XML declaration: `version="1.0" encoding='UTF-8'`.
std::optional<std::map<std::string, std::string>> pseudo_attributes(std::string_view content) {
    std::map<std::string, std::string> attributes;
    while (!(content = core::trimmed(content)).empty()) {
        const std::size_t equals = std::min(content.find('='), content.size() - 1);
        const std::string_view name = core::trimmed(content.substr(0, equals));
        const std::string_view value = core::trimmed(content.substr(equals + 1));
        const bool quoted = value.starts_with('"') || value.starts_with('\'');
        const std::size_t end = quoted ? value.find(value.front(), 1) : std::string_view::npos;
        if (end == std::string_view::npos) return std::nullopt;
        attributes[std::string(name)] = value.substr(1, end - 1);
        content = value.substr(end + 1);
    }
    return attributes;
}

bool is_sound(const std::map<std::string, std::string>& attributes) {
    const bool known = std::all_of(attributes.begin(), attributes.end(), [](const auto& each) {
        return each.first == "version" || each.first == "encoding" || each.first == "standalone";
    });
    const auto version = attributes.find("version");
    return known && version != attributes.end() && version->second.starts_with("1.") &&
           version->second.size() > 2 &&
           version->second.find_first_not_of("0123456789", 2) == std::string::npos;
}

}  // namespace

std::optional<std::string> read_characters(std::string_view bytes, Findings& findings) {
    if (is_other_encoding(bytes)) {
        findings.error(xml_encoding, {1, 1}, {},
                       "the document is not UTF-8 but UTF-16, UTF-32, UTF-7 or EBCDIC",
                       std::string(to_utf8));
        return std::nullopt;
    }
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    std::string text(bytes);
    Tally invalid, control;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequence_length(bytes.substr(i));
        if (length == 0) {
            invalid.meet(i);
            text[i] = replacement;
        } else if (is_forbidden(bytes.substr(i, length))) {
            control.meet(i);
            std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(i), length, replacement);
        }
        i += std::max<std::size_t>(length, 1);
    }
    const LineTable lines(text);
    const auto value = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    if (invalid.count > 0) {
        findings.error(
            xml_encoding, lines.place(invalid.first), {},
            fmt::format("the byte 0x{:02X} is not UTF-8{}", value(invalid.first), invalid.others()),
            std::string(to_utf8));
    }
    if (control.count > 0) {
        findings.error(control_characters, lines.place(control.first), {},
                       fmt::format("a control character (0x{:02X}) that XML forbids{}",
                                   value(control.first), control.others()),
                       "remove it");
    }
    return text;
}

void check_declaration(std::string_view content, Place place, bool ascii, Findings& findings) {
    auto attributes = pseudo_attributes(content);
    if (!attributes || !is_sound(*attributes)) {
        findings.error(xml_syntax, place, {}, "the XML declaration is malformed",
                       "write <?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        return;
    }
    const std::string& declared = (*attributes)["encoding"];
    const std::string encoding = core::lower(declared);
    if (encoding.empty() || encoding == "utf-8" || encoding == "utf8") return;
    constexpr std::array supersets_of_ascii = {"us-ascii",     "ascii",        "iso-8859-1",
                                               "iso-8859-15",  "latin1",       "latin-1",
                                               "windows-1252", "windows-1250", "iso-8859-2"};
    const bool harmless = ascii && std::find(supersets_of_ascii.begin(), supersets_of_ascii.end(),
                                             encoding) != supersets_of_ascii.end();
    const std::string remedy = "save the document as UTF-8 and write encoding=\"UTF-8\"";
    if (harmless) {
        findings.warning(xml_encoding, place, {},
                         fmt::format("the encoding is declared as {}; this was tolerated because "
                                     "all characters are ASCII",
                                     excerpt(declared)),
                         remedy);
    } else {
        findings.error(
            xml_encoding, place, {},
            fmt::format("the encoding is declared as {}, only UTF-8 is read", excerpt(declared)),
            remedy);
    }
}

}  // namespace bundle
