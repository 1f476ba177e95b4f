// SPDX-License-Identifier: GPL-3.0-or-later
// Where the scan of an XML text is, what it has made so far, and whom it tells of faults. Private
// to the scanner and what reads tags for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"
#include "backends/bundle/xml_tree.hpp"

namespace bundle {

inline bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

inline bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_space);
}

/// Beyond ASCII that is more than XML allows, which only makes such a name an unknown one.
inline bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

inline bool is_name_character(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

struct XmlCursor {
    /// Thrown inside a scan only: nothing sensible can follow.
    struct Stop {};

    std::string_view text;
    const XmlLimits& limits;
    const LineTable& lines;
    Findings& findings;
    TreeBuilder tree;
    std::string_view tag{};  // the start tag being read, for paths
    std::size_t at = 0;
    std::size_t attributes = 0;
    bool doctype_refused = false;

    /// '\0' behind the end.
    char peek(std::size_t ahead = 0) const {
        return at + ahead < text.size() ? text[at + ahead] : '\0';
    }
    bool at_end() const { return at >= text.size(); }
    void skip_spaces();

    /// The name that begins here; empty if none does.
    std::string_view take_name(std::string_view what);

    /// The offset of `mark`. Without it `what` hides the rest of the document, so the scan ends.
    std::size_t end_of(std::string_view mark, std::size_t from, std::string_view what);

    void error(std::size_t offset, std::string message, std::string remedy);
    /// `setting`: the one of sluice.toml, if there is one.
    [[noreturn]] void limit(std::size_t offset, std::string message, std::string remedy,
                            std::string_view setting = {});

    /// Counts the text of the open element.
    void count_text(std::size_t begin, std::string_view run);

    enum class Part { text, cdata, attribute };

    /// The characters that stand between two offsets: with references resolved and faulty ones
    /// reported, and line ends as XML wants them, which in attributes are blanks.
    std::string decoded(Part part, std::size_t begin, std::size_t end);
};

}  // namespace bundle
