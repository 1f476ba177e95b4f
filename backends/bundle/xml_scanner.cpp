// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_scanner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "backends/bundle/xml_doctype.hpp"
#include "backends/bundle/xml_encoding.hpp"
#include "backends/bundle/xml_references.hpp"
#include "backends/bundle/xml_tree.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

using core::reason::tolerated_form;
using core::reason::xml_doctype;
using core::reason::xml_limit;
using core::reason::xml_syntax;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view spaces = " \t\r\n";

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Beyond ASCII that is more than XML allows, which only makes such a name an unknown one.
bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_character(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_space);
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Thrown inside a scan only: nothing sensible can follow.
struct Stop {};

class Scanner {
  public:
    Scanner(std::string_view text, const XmlLimits& limits, const LineTable& lines,
            Findings& findings)
        : text_(text),
          limits_(limits),
          lines_(lines),
          findings_(findings),
          tree_(text, lines, findings),
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
    void read_start_tag();
    void read_end_tag();
    /// What follows in a start tag. Given up: a quote is missing, so the tag was ended by us.
    enum class Tag { goes_on, ends, given_up, empty };
    Tag read_attribute(std::vector<Attribute>& attributes);
    Tag read_value(std::size_t begin, std::string_view name, std::vector<Attribute>& attributes);
    void report_twins(const std::vector<Attribute>& attributes, std::size_t begin);
    void check_limits(std::size_t begin);

    std::string_view take_name(std::string_view what);
    void skip_spaces();
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool at_end() const { return at_ >= text_.size(); }
    std::size_t end_of(std::string_view mark, std::size_t from, std::string_view what);
    void error(std::size_t offset, std::string message, std::string remedy);
    [[noreturn]] void limit(std::size_t offset, std::string message, std::string remedy);
    void count_text(std::size_t begin, std::string_view run);
    enum class Part { text, cdata, attribute };
    std::string decoded(Part part, std::size_t begin, std::size_t end);

    std::string_view text_;
    const XmlLimits& limits_;
    const LineTable& lines_;
    Findings& findings_;
    TreeBuilder tree_;
    Scan scan_;
    std::string_view tag_;  // the start tag being read, for paths
    std::size_t at_ = 0;
    std::size_t attributes_ = 0;
    bool doctype_refused_ = false;
    bool ascii_ = false;
};

void Scanner::error(std::size_t offset, std::string message, std::string remedy) {
    findings_.error(xml_syntax, lines_.place(offset), tree_.path(tag_), std::move(message),
                    std::move(remedy));
}

void Scanner::limit(std::size_t offset, std::string message, std::string remedy) {
    findings_.error(xml_limit, lines_.place(offset), tree_.path(), std::move(message),
                    std::move(remedy));
    throw Stop{};
}

void Scanner::skip_spaces() {
    while (!at_end() && is_space(peek())) ++at_;
}

std::string_view Scanner::take_name(std::string_view what) {
    const std::size_t begin = at_;
    while (!at_end() && is_name_character(peek())) ++at_;
    if (at_ - begin > limits_.name) {
        limit(begin, fmt::format("the name of {} is longer than {} bytes", what, limits_.name), {});
    }
    return text_.substr(begin, at_ - begin);
}

/// The offset of `mark`. Without it `what` hides the rest of the document, so the scan ends.
std::size_t Scanner::end_of(std::string_view mark, std::size_t from, std::string_view what) {
    const std::size_t found = text_.find(mark, from);
    if (found != npos) return found;
    error(at_, fmt::format("{} begins here and never ends", what), fmt::format("add {}", mark));
    throw Stop{};
}

Scan Scanner::run() {
    try {
        while (!at_end()) {
            read_text();
            if (!at_end()) read_markup();
        }
        scan_.roots = tree_.finish();
        if (tree_.elements() == 0) error(0, "the document has no element", {});
    } catch (const Stop&) {
        // What hides the rest, or a limit: it was reported.
    }
    return std::move(scan_);
}

bool Scanner::begins_markup(std::size_t offset) const {
    const char next = offset + 1 < text_.size() ? text_[offset + 1] : '\0';
    return next == '!' || next == '?' || next == '/' || is_name_start(next);
}

void Scanner::read_text() {
    const std::size_t begin = at_;
    while ((at_ = std::min(text_.find('<', at_), text_.size())) < text_.size() &&
           !begins_markup(at_)) {
        if (tree_.depth() > 0) error(at_, "a '<' that begins no tag", "write &lt;");
        ++at_;
    }
    const std::string_view run = text_.substr(begin, at_ - begin);
    if (tree_.depth() > 0) {
        if (run.empty()) return;
        count_text(begin, run);
        if (is_blank(run)) return;  // layout
        tree_.add_characters(decoded(Part::text, begin, at_));
        for (std::size_t at = run.find("]]>"); at != npos; at = run.find("]]>", at + 1)) {
            error(begin + at, "]]> is not allowed in text", "write ]]&gt;");
        }
    } else if (!is_blank(run)) {
        error(begin + run.find_first_not_of(spaces),
              fmt::format("text outside of any element: {}", excerpt(core::trimmed(run))),
              "remove it, or put it into an element");
    }
}

void Scanner::count_text(std::size_t begin, std::string_view run) {
    if (tree_.count_text(run.size(), is_blank(run)) > limits_.text) {
        limit(begin, fmt::format("the element holds more than {} bytes of text", limits_.text),
              "shorten it, or give the address of a page that has it");
    }
}

/// The characters that stand between two offsets: with references resolved and faulty ones
/// reported, and line ends as XML wants them, which in attributes are blanks.
std::string Scanner::decoded(Part part, std::size_t begin, std::size_t end) {
    const bool attribute = part == Part::attribute;
    const std::string_view special = attribute ? "&\r\n\t" : part == Part::text ? "&\r" : "\r";
    const std::string_view whole = text_.substr(0, end);
    std::string result;
    for (std::size_t at = begin; at < end;) {
        const std::size_t next = std::min(whole.find_first_of(special, at), end);
        result += whole.substr(at, next - at);
        at = next;
        if (at == end) break;
        if (whole[at] == '&') {
            const Reference reference = read_reference(whole.substr(at));
            // An undefined one was reported already with the DOCTYPE that declares it.
            if (!reference.message.empty() && !(reference.undefined && doctype_refused_)) {
                findings_.error(reference.code, lines_.place(at), tree_.path(tag_),
                                reference.message, reference.remedy);
            }
            result += reference.characters;
            at += reference.length;
        } else {
            result += attribute ? ' ' : '\n';
            at += whole.substr(at, 2) == "\r\n" ? 2 : 1;
        }
    }
    return result;
}

void Scanner::read_markup() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) return read_comment();
    if (rest.starts_with("<![CDATA[")) return read_cdata();
    if (rest.starts_with("<!")) return read_declaration();
    if (rest.starts_with("<?")) return read_instruction();
    if (rest.starts_with("</")) return read_end_tag();
    read_start_tag();
}

void Scanner::read_comment() {
    const std::size_t end = end_of("-->", at_ + 4, "a comment");
    const std::size_t dashes = text_.find("--", at_ + 4);
    if (dashes < end && findings_.wants_warnings()) {
        findings_.warning(tolerated_form, lines_.place(at_), tree_.path(),
                          "a comment that contains --, which XML forbids", "remove the dashes");
    }
    at_ = end + 3;
}

void Scanner::read_cdata() {
    const std::size_t end = end_of("]]>", at_ + 9, "a CDATA section");
    if (tree_.depth() == 0) {
        error(at_, "a CDATA section outside of any element", "remove it");
    } else {
        count_text(at_, text_.substr(at_ + 9, end - at_ - 9));
        tree_.add_characters(decoded(Part::cdata, at_ + 9, end));
    }
    at_ = end + 3;
}

void Scanner::read_declaration() {
    if (core::lower(text_.substr(at_, 9)) == "<!doctype") return read_doctype_declaration();
    error(at_, "a declaration that is not allowed here",
          "remove it; a '<' in text is written &lt;");
    at_ = end_of(">", at_, "a declaration") + 1;
}

void Scanner::read_doctype_declaration() {
    if (scan_.has_doctype) {  // to read over each of many would take quadratic time
        error(at_, "a second DOCTYPE", "remove it");
        throw Stop{};
    }
    const Doctype doctype = read_doctype(text_, at_ + 9);
    const Place place = lines_.place(at_);
    if (doctype.entities || doctype.external) {
        findings_.error(xml_doctype, place, tree_.path(),
                        doctype.entities ? "a DOCTYPE that declares entities is never read"
                                         : "a DOCTYPE that names an external file is never read",
                        "remove the DOCTYPE; no revision of the descriptor needs it");
        doctype_refused_ = true;
    } else if (tree_.elements() > 0) {
        error(at_, "a DOCTYPE is allowed before the first element only", "remove it");
    } else if (doctype.end == 0) {
        error(at_, "a DOCTYPE begins here and never ends", "remove it, or add ]>");
        throw Stop{};
    } else if (text_.substr(at_, 9) != "<!DOCTYPE") {
        error(at_, "DOCTYPE is written in capitals", "write <!DOCTYPE, or remove it");
    }
    scan_.doctype = doctype.name.substr(0, limits_.name);
    scan_.has_doctype = true;
    if (doctype.end != 0) {
        at_ = doctype.end;
        return;
    }
    // Where a refused one ends was not looked for: its first '>' outside of brackets will do.
    const std::size_t bracket = text_.find("]>", at_);
    const std::size_t close = bracket != npos ? bracket + 1 : text_.find('>', at_);
    at_ = close == npos ? text_.size() : close + 1;
}

void Scanner::read_instruction() {
    const std::string_view target = text_.substr(at_ + 2, 4);
    if (core::lower(target.substr(0, 3)) == "xml" && target.size() == 4 &&
        (is_space(target[3]) || target[3] == '?')) {
        return read_xml_declaration();
    }
    const std::size_t end = end_of("?>", at_ + 2, "a processing instruction");
    const std::string_view content = text_.substr(at_ + 2, end - at_ - 2);
    const std::string_view name = content.substr(0, content.find_first_of(" \t\r\n"));
    const bool named = !name.empty() && is_name_start(name.front()) &&
                       std::all_of(name.begin(), name.end(),
                                   [](char c) { return is_name_character(c) && c != ':'; });
    if (!named) error(at_, "a processing instruction without a proper name", "remove it");
    at_ = end + 2;
}

void Scanner::read_xml_declaration() {
    const std::size_t end = end_of(">", at_, "the XML declaration");
    std::string_view content = text_.substr(at_ + 5, end - at_ - 5);
    if (at_ > 0 && is_blank(text_.substr(0, at_))) {
        findings_.warning(tolerated_form, lines_.place(at_), {},
                          "there are blanks before the XML declaration", "remove them");
    } else if (at_ > 0) {
        error(at_, "an XML declaration stands at the beginning of a document only",
              "remove it; one document describes one release");
    }
    if (content.ends_with('?')) {
        content.remove_suffix(1);
    } else {
        error(at_, "the XML declaration ends with '>' alone", "write ?>");
    }
    check_declaration(content, lines_.place(at_), ascii_, findings_);
    at_ = end + 1;
}

void Scanner::read_end_tag() {
    const std::size_t begin = at_;
    at_ += 2;
    const bool blank = is_space(peek());
    skip_spaces();
    const std::string_view name = take_name("a tag");
    const std::size_t name_end = at_;
    skip_spaces();
    std::string fault;
    if (peek() == '>') {
        ++at_;
        if (blank) fault = fmt::format("a blank between </ and {}", name);
    } else {
        const std::size_t stop = std::min(text_.find_first_of("<>", at_), text_.size());
        if (stop < text_.size() && text_[stop] == '>') {
            fault = fmt::format("</{}> holds more than its name", name);
            at_ = stop + 1;
        } else {
            fault = fmt::format("</{} lacks its '>'", name);
            at_ = is_blank(text_.substr(name_end, stop - name_end)) ? name_end : stop;
        }
    }
    if (name.empty()) {
        error(begin, "a closing tag without a name", "write the name of the element");
        return;
    }
    if (!fault.empty()) error(begin, fault, fmt::format("write </{}>", name));
    tree_.close(name, begin, at_);
}

void Scanner::read_start_tag() {
    const std::size_t begin = at_++;
    tag_ = {};
    const std::string_view name = take_name("a tag");
    tag_ = name;
    std::vector<Attribute> attributes;
    Tag tag = Tag::goes_on;
    while (tag == Tag::goes_on) {
        tag = read_attribute(attributes);
        if (attributes.size() > limits_.attributes) {
            limit(begin, fmt::format("<{}> has more than {} attributes", name, limits_.attributes),
                  {});
        }
    }
    report_twins(attributes, begin);
    const bool cut_off = tag == Tag::ends && at_end();
    if (tag == Tag::ends) {
        if (peek() == '/') {
            at_ += 2;
            tag = Tag::empty;
        } else if (peek() == '>') {
            ++at_;
        } else {
            error(begin, fmt::format("<{} lacks its '>'", name), "add '>'");
        }
    }
    tag_ = {};
    if (cut_off) return;
    attributes_ += attributes.size();
    tree_.open(name, std::move(attributes), begin);
    if (tag == Tag::empty) tree_.close_innermost();
    check_limits(begin);
}

void Scanner::report_twins(const std::vector<Attribute>& attributes, std::size_t begin) {
    std::vector<std::string_view> names;
    for (const Attribute& attribute : attributes) names.push_back(attribute.name);
    std::sort(names.begin(), names.end());
    for (auto twin = std::adjacent_find(names.begin(), names.end()); twin != names.end();
         twin = std::adjacent_find(twin + 1, names.end())) {
        error(begin, fmt::format("the attribute {} is given twice", *twin), "keep one of them");
    }
}

void Scanner::check_limits(std::size_t begin) {
    if (tree_.depth() > limits_.depth) {
        limit(begin, fmt::format("elements are nested more than {} deep", limits_.depth), {});
    }
    if (tree_.elements() + attributes_ > limits_.nodes) {
        limit(begin,
              fmt::format("the document has more than {} elements and attributes", limits_.nodes),
              {});
    }
}

/// Reads one attribute, or one piece of rubbish.
Scanner::Tag Scanner::read_attribute(std::vector<Attribute>& attributes) {
    const std::size_t before = at_;
    skip_spaces();
    if (at_end() || peek() == '>' || peek() == '<' || (peek() == '/' && peek(1) == '>')) {
        return Tag::ends;
    }
    const std::size_t begin = at_;
    if (!is_name_start(peek())) {
        while (!at_end() && !is_space(peek()) && peek() != '>' && peek() != '<' &&
               !(peek() == '/' && peek(1) == '>')) {
            ++at_;
        }
        error(
            begin,
            fmt::format("unexpected text in a tag: {}", excerpt(text_.substr(begin, at_ - begin))),
            "remove it; an attribute is written name=\"value\"");
        return Tag::goes_on;
    }
    const std::string_view name = take_name("an attribute");
    if (before == begin) {
        error(begin, fmt::format("no blank before the attribute {}", name), "add a blank");
    }
    skip_spaces();
    const bool assigned = peek() == '=';
    if (assigned) ++at_;
    skip_spaces();
    if (assigned && (peek() == '"' || peek() == '\'')) return read_value(begin, name, attributes);
    if (assigned) {
        while (!at_end() && !is_space(peek()) && peek() != '>' && peek() != '<') ++at_;
    }
    error(begin,
          fmt::format("the attribute {} has {}", name,
                      assigned ? "a value without quotes" : "no value"),
          fmt::format("write {}=\"…\"", name));
    return Tag::goes_on;
}

/// `begin` is where the attribute begins; at_ is its opening quote.
Scanner::Tag Scanner::read_value(std::size_t begin, std::string_view name,
                                 std::vector<Attribute>& attributes) {
    const std::size_t value = at_ + 1;
    const std::size_t quote = std::min(text_.find(text_[at_], value), text_.size());
    const std::string_view content = text_.substr(value, quote - value);
    const std::size_t less = content.find('<');
    if (quote == text_.size() || (less != npos && content.substr(0, less).find('>') != npos)) {
        error(begin, fmt::format("the value of the attribute {} lacks its closing quote", name),
              "add the quote");
        // The attribute is given up, and the tag taken as ended before the next one.
        at_ = std::min(text_.find('<', value), text_.size());
        const std::string_view tail = core::trimmed(text_.substr(begin, at_ - begin));
        return tail.ends_with("/>") ? Tag::empty : Tag::given_up;
    }
    if (content.size() > limits_.text) {
        limit(begin, fmt::format("the attribute {} is longer than {} bytes", name, limits_.text),
              {});
    }
    for (std::size_t i = less; i != npos; i = content.find('<', i + 1)) {
        error(value + i, fmt::format("a '<' in the value of the attribute {}", name), "write &lt;");
    }
    attributes.push_back({std::string(name), {}, {}, decoded(Part::attribute, value, quote)});
    at_ = quote + 1;
    return Tag::goes_on;
}

}  // namespace

Scan scan_xml(std::string_view text, const XmlLimits& limits, const LineTable& lines,
              Findings& findings) {
    return Scanner(text, limits, lines, findings).run();
}

}  // namespace bundle
