// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_scanner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "backends/bundle/xml_cursor.hpp"
#include "backends/bundle/xml_doctype.hpp"
#include "backends/bundle/xml_encoding.hpp"
#include "backends/bundle/xml_tags.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

using core::reason::tolerated_form;
using core::reason::xml_doctype;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view spaces = " \t\r\n";

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Reads text and markup one after the other, and hands tags on.
class Scanner {
  public:
    Scanner(std::string_view text, const XmlLimits& limits, const LineTable& lines,
            Findings& findings)
        : cursor_{text, limits, lines, findings, TreeBuilder(text, lines, findings)},
          // bytes that are no characters were replaced, and reported
          ascii_(!findings.has_errors() && is_ascii(text)) {}

    Scan run();

  private:
    void read_text();
    bool begins_markup(std::size_t offset) const;
    void read_markup();
    void read_comment();
    void read_cdata();
    void read_declaration();
    void read_doctype_declaration();
    void read_instruction();
    void read_xml_declaration();

    XmlCursor cursor_;
    Scan scan_;
    bool ascii_ = false;
};

Scan Scanner::run() {
    try {
        while (!cursor_.at_end()) {
            read_text();
            if (!cursor_.at_end()) read_markup();
        }
        scan_.roots = cursor_.tree.finish();
        if (cursor_.tree.elements() == 0) cursor_.error(0, "the document has no element", {});
    } catch (const XmlCursor::Stop&) {
        // What hides the rest, or a limit: it was reported.
    }
    return std::move(scan_);
}

bool Scanner::begins_markup(std::size_t offset) const {
    const char next = offset + 1 < cursor_.text.size() ? cursor_.text[offset + 1] : '\0';
    return next == '!' || next == '?' || next == '/' || is_name_start(next);
}

void Scanner::read_text() {
    const std::size_t begin = cursor_.at;
    while ((cursor_.at = std::min(cursor_.text.find('<', cursor_.at), cursor_.text.size())) <
               cursor_.text.size() &&
           !begins_markup(cursor_.at)) {
        if (cursor_.tree.depth() > 0) {
            cursor_.error(cursor_.at, "a '<' that begins no tag", "write &lt;");
        }
        ++cursor_.at;
    }
    const std::string_view run = cursor_.text.substr(begin, cursor_.at - begin);
    if (cursor_.tree.depth() > 0) {
        if (run.empty()) return;
        cursor_.count_text(begin, run);
        if (is_blank(run)) return;  // layout
        cursor_.tree.add_characters(cursor_.decoded(XmlCursor::Part::text, begin, cursor_.at));
        for (std::size_t at = run.find("]]>"); at != npos; at = run.find("]]>", at + 1)) {
            cursor_.error(begin + at, "]]> is not allowed in text", "write ]]&gt;");
        }
    } else if (!is_blank(run)) {
        cursor_.error(begin + run.find_first_not_of(spaces),
                      fmt::format("text outside of any element: {}", excerpt(core::trimmed(run))),
                      "remove it, or put it into an element");
    }
}

void Scanner::read_markup() {
    const std::string_view rest = cursor_.text.substr(cursor_.at);
    if (rest.starts_with("<!--")) return read_comment();
    if (rest.starts_with("<![CDATA[")) return read_cdata();
    if (rest.starts_with("<!")) return read_declaration();
    if (rest.starts_with("<?")) return read_instruction();
    if (rest.starts_with("</")) return read_end_tag(cursor_);
    read_start_tag(cursor_);
}

void Scanner::read_comment() {
    const std::size_t end = cursor_.end_of("-->", cursor_.at + 4, "a comment");
    const std::size_t dashes = cursor_.text.find("--", cursor_.at + 4);
    if (dashes < end && cursor_.findings.wants_warnings()) {
        cursor_.findings.warning(
            tolerated_form, cursor_.lines.place(cursor_.at), cursor_.tree.path(),
            "a comment that contains --, which XML forbids", "remove the dashes");
    }
    cursor_.at = end + 3;
}

void Scanner::read_cdata() {
    const std::size_t end = cursor_.end_of("]]>", cursor_.at + 9, "a CDATA section");
    if (cursor_.tree.depth() == 0) {
        cursor_.error(cursor_.at, "a CDATA section outside of any element", "remove it");
    } else {
        cursor_.count_text(cursor_.at, cursor_.text.substr(cursor_.at + 9, end - cursor_.at - 9));
        cursor_.tree.add_characters(cursor_.decoded(XmlCursor::Part::cdata, cursor_.at + 9, end));
    }
    cursor_.at = end + 3;
}

void Scanner::read_declaration() {
    if (core::lower(cursor_.text.substr(cursor_.at, 9)) == "<!doctype")
        return read_doctype_declaration();
    cursor_.error(cursor_.at, "a declaration that is not allowed here",
                  "remove it; a '<' in text is written &lt;");
    cursor_.at = cursor_.end_of(">", cursor_.at, "a declaration") + 1;
}

void Scanner::read_doctype_declaration() {
    if (scan_.has_doctype) {  // to read over each of many would take quadratic time
        cursor_.error(cursor_.at, "a second DOCTYPE", "remove it");
        throw XmlCursor::Stop{};
    }
    const Doctype doctype = read_doctype(cursor_.text, cursor_.at + 9);
    const Place place = cursor_.lines.place(cursor_.at);
    if (doctype.entities || doctype.external) {
        cursor_.findings.error(xml_doctype, place, cursor_.tree.path(),
                               doctype.entities
                                   ? "a DOCTYPE that declares entities is never read"
                                   : "a DOCTYPE that names an external file is never read",
                               "remove the DOCTYPE; no revision of the descriptor needs it");
        cursor_.doctype_refused = true;
    } else if (cursor_.tree.elements() > 0) {
        cursor_.error(cursor_.at, "a DOCTYPE is allowed before the first element only",
                      "remove it");
    } else if (doctype.end == 0) {
        cursor_.error(cursor_.at, "a DOCTYPE begins here and never ends", "remove it, or add ]>");
        throw XmlCursor::Stop{};
    } else if (cursor_.text.substr(cursor_.at, 9) != "<!DOCTYPE") {
        cursor_.error(cursor_.at, "DOCTYPE is written in capitals",
                      "write <!DOCTYPE, or remove it");
    }
    scan_.doctype = doctype.name.substr(0, cursor_.limits.name);
    scan_.has_doctype = true;
    if (doctype.end != 0) {
        cursor_.at = doctype.end;
        return;
    }
    // Where a refused one ends was not looked for: its first '>' outside of brackets will do.
    const std::size_t bracket = cursor_.text.find("]>", cursor_.at);
    const std::size_t close = bracket != npos ? bracket + 1 : cursor_.text.find('>', cursor_.at);
    cursor_.at = close == npos ? cursor_.text.size() : close + 1;
}

void Scanner::read_instruction() {
    const std::string_view target = cursor_.text.substr(cursor_.at + 2, 4);
    if (core::lower(target.substr(0, 3)) == "xml" && target.size() == 4 &&
        (is_space(target[3]) || target[3] == '?')) {
        return read_xml_declaration();
    }
    const std::size_t end = cursor_.end_of("?>", cursor_.at + 2, "a processing instruction");
    const std::string_view content = cursor_.text.substr(cursor_.at + 2, end - cursor_.at - 2);
    const std::string_view name = content.substr(0, content.find_first_of(" \t\r\n"));
    const bool named = !name.empty() && is_name_start(name.front()) &&
                       std::all_of(name.begin(), name.end(),
                                   [](char c) { return is_name_character(c) && c != ':'; });
    if (!named)
        cursor_.error(cursor_.at, "a processing instruction without a proper name", "remove it");
    cursor_.at = end + 2;
}

void Scanner::read_xml_declaration() {
    const std::size_t end = cursor_.end_of(">", cursor_.at, "the XML declaration");
    std::string_view content = cursor_.text.substr(cursor_.at + 5, end - cursor_.at - 5);
    if (cursor_.at > 0 && is_blank(cursor_.text.substr(0, cursor_.at))) {
        cursor_.findings.warning(tolerated_form, cursor_.lines.place(cursor_.at), {},
                                 "there are blanks before the XML declaration", "remove them");
    } else if (cursor_.at > 0) {
        cursor_.error(cursor_.at, "an XML declaration stands at the beginning of a document only",
                      "remove it; one document describes one release");
    }
    if (content.ends_with('?')) {
        content.remove_suffix(1);
    } else {
        cursor_.error(cursor_.at, "the XML declaration ends with '>' alone", "write ?>");
    }
    check_declaration(content, cursor_.lines.place(cursor_.at), ascii_, cursor_.findings);
    cursor_.at = end + 1;
}

}  // namespace

Scan scan_xml(std::string_view text, const XmlLimits& limits, const LineTable& lines,
              Findings& findings) {
    return Scanner(text, limits, lines, findings).run();
}

}  // namespace bundle
