// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_doctype.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace bundle {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view spaces = " \t\r\n";

bool follows(std::string_view text, std::size_t at, std::string_view word) {
    return core::lower(text.substr(at, word.size())) == word;
}

/// The offset after the next `mark`, or the end of the text.
std::size_t after(std::string_view text, std::size_t at, std::string_view mark) {
    const std::size_t found = text.find(mark, at);
    return found == npos ? text.size() : found + mark.size();
}

/// After the closing quote; a quote that is never closed is an ordinary character.
std::size_t after_quoted(std::string_view text, std::size_t at) {
    const std::size_t end = text.find(text[at], at + 1);
    return end == npos ? at + 1 : end + 1;
}

/// Reads the internal subset, `at` being the offset after '['. Returns the offset after ']'.
std::size_t read_subset(std::string_view text, std::size_t at, Doctype& doctype) {
    // An apostrophe is legal in attribute defaults and notations only; elsewhere it is prose.
    bool quotes = false;
    while (at < text.size()) {
        const char c = text[at];
        if (c == ']') return at + 1;
        const bool markup = c == '<';
        if (c == '%' || (markup && (follows(text, at, "<!entity") || follows(text, at, "<![")))) {
            doctype.entities = true;
            return text.size();
        }
        if (markup && follows(text, at, "<!--")) {
            at = after(text, at + 4, "-->");
        } else if (markup && follows(text, at, "<?")) {
            at = after(text, at + 2, "?>");
        } else if (markup) {
            quotes = follows(text, at, "<!attlist") || follows(text, at, "<!notation");
            ++at;
        } else if (quotes && (c == '"' || c == '\'')) {
            at = after_quoted(text, at);
        } else {
            quotes = quotes && c != '>';
            ++at;
        }
    }
    return at;
}

}  // namespace

Doctype read_doctype(std::string_view text, std::size_t begin) {
    Doctype doctype;
    std::size_t at = std::min(text.find_first_not_of(spaces, begin), text.size());
    const std::size_t name_end = std::min(text.find_first_of(" \t\r\n[>\"'", at), text.size());
    doctype.name = text.substr(at, name_end - at);
    at = std::min(text.find_first_not_of(spaces, name_end), text.size());
    // SYSTEM or PUBLIC, however misspelt
    doctype.external = at < text.size() && text[at] != '[' && text[at] != '>';
    while (at < text.size()) {
        const char c = text[at];
        if (c == '>') {
            doctype.end = at + 1;
            return doctype;
        }
        if (c == '[') {
            at = read_subset(text, at + 1, doctype);
        } else if (c == '"' || c == '\'') {
            at = after_quoted(text, at);
        } else {
            ++at;
        }
    }
    return doctype;
}

}  // namespace bundle
