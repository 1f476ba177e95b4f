// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_tags.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "core/model/text.hpp"

namespace bundle {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// What follows in a start tag. Given up: a quote is missing, so the tag was ended by us.
enum class Tag { goes_on, ends, given_up, empty };

void report_twins(XmlCursor& cursor, const std::vector<Attribute>& attributes, std::size_t begin) {
    std::vector<std::string_view> names;
    for (const Attribute& attribute : attributes) names.push_back(attribute.name);
    std::sort(names.begin(), names.end());
    for (auto twin = std::adjacent_find(names.begin(), names.end()); twin != names.end();
         twin = std::adjacent_find(twin + 1, names.end())) {
        cursor.error(begin, fmt::format("the attribute {} is given twice", *twin),
                     "keep one of them");
    }
}

void check_limits(XmlCursor& cursor, std::size_t begin) {
    if (cursor.tree.depth() > cursor.limits.depth) {
        cursor.limit(begin,
                     fmt::format("elements are nested more than {} deep", cursor.limits.depth),
                     "nest them less deeply", "xml_depth");
    }
    if (cursor.tree.elements() + cursor.attributes > cursor.limits.nodes) {
        cursor.limit(begin,
                     fmt::format("the document has more than {} elements and attributes",
                                 cursor.limits.nodes),
                     "shorten it", "xml_nodes");
    }
}

/// `begin` is where the attribute begins; cursor.at is its opening quote.
Tag read_value(XmlCursor& cursor, std::size_t begin, std::string_view name,
               std::vector<Attribute>& attributes) {
    const std::size_t value = cursor.at + 1;
    const std::size_t quote =
        std::min(cursor.text.find(cursor.text[cursor.at], value), cursor.text.size());
    const std::string_view content = cursor.text.substr(value, quote - value);
    const std::size_t less = content.find('<');
    if (quote == cursor.text.size() ||
        (less != npos && content.substr(0, less).find('>') != npos)) {
        cursor.error(begin,
                     fmt::format("the value of the attribute {} lacks its closing quote", name),
                     "add the quote");
        // The attribute is given up, and the tag taken as ended before the next one.
        cursor.at = std::min(cursor.text.find('<', value), cursor.text.size());
        const std::string_view tail = core::trimmed(cursor.text.substr(begin, cursor.at - begin));
        return tail.ends_with("/>") ? Tag::empty : Tag::given_up;
    }
    if (content.size() > cursor.limits.text) {
        cursor.limit(
            begin,
            fmt::format("the attribute {} is longer than {} bytes", name, cursor.limits.text),
            "shorten it", "xml_text_kb");
    }
    for (std::size_t i = less; i != npos; i = content.find('<', i + 1)) {
        cursor.error(value + i, fmt::format("a '<' in the value of the attribute {}", name),
                     "write &lt;");
    }
    attributes.push_back(
        {std::string(name), {}, {}, cursor.decoded(XmlCursor::Part::attribute, value, quote)});
    cursor.at = quote + 1;
    return Tag::goes_on;
}

/// Reads one attribute, or one piece of rubbish.
Tag read_attribute(XmlCursor& cursor, std::vector<Attribute>& attributes) {
    const std::size_t before = cursor.at;
    cursor.skip_spaces();
    if (cursor.at_end() || cursor.peek() == '>' || cursor.peek() == '<' ||
        (cursor.peek() == '/' && cursor.peek(1) == '>')) {
        return Tag::ends;
    }
    const std::size_t begin = cursor.at;
    if (!is_name_start(cursor.peek())) {
        while (!cursor.at_end() && !is_space(cursor.peek()) && cursor.peek() != '>' &&
               cursor.peek() != '<' && !(cursor.peek() == '/' && cursor.peek(1) == '>')) {
            ++cursor.at;
        }
        cursor.error(begin,
                     fmt::format("unexpected text in a tag: {}",
                                 excerpt(cursor.text.substr(begin, cursor.at - begin))),
                     "remove it; an attribute is written name=\"value\"");
        return Tag::goes_on;
    }
    const std::string_view name = cursor.take_name("an attribute");
    if (before == begin) {
        cursor.error(begin, fmt::format("no blank before the attribute {}", name), "add a blank");
    }
    cursor.skip_spaces();
    const bool assigned = cursor.peek() == '=';
    if (assigned) ++cursor.at;
    cursor.skip_spaces();
    if (assigned && (cursor.peek() == '"' || cursor.peek() == '\''))
        return read_value(cursor, begin, name, attributes);
    if (assigned) {
        while (!cursor.at_end() && !is_space(cursor.peek()) && cursor.peek() != '>' &&
               cursor.peek() != '<')
            ++cursor.at;
    }
    cursor.error(begin,
                 fmt::format("the attribute {} has {}", name,
                             assigned ? "a value without quotes" : "no value"),
                 fmt::format("write {}=\"…\"", name));
    return Tag::goes_on;
}

}  // namespace

void read_end_tag(XmlCursor& cursor) {
    const std::size_t begin = cursor.at;
    cursor.at += 2;
    const bool blank = is_space(cursor.peek());
    cursor.skip_spaces();
    const std::string_view name = cursor.take_name("a tag");
    const std::size_t name_end = cursor.at;
    cursor.skip_spaces();
    std::string fault;
    if (cursor.peek() == '>') {
        ++cursor.at;
        if (blank) fault = fmt::format("a blank between </ and {}", name);
    } else {
        const std::size_t stop =
            std::min(cursor.text.find_first_of("<>", cursor.at), cursor.text.size());
        if (stop < cursor.text.size() && cursor.text[stop] == '>') {
            fault = fmt::format("</{}> holds more than its name", name);
            cursor.at = stop + 1;
        } else {
            fault = fmt::format("</{} lacks its '>'", name);
            cursor.at = is_blank(cursor.text.substr(name_end, stop - name_end)) ? name_end : stop;
        }
    }
    if (name.empty()) {
        cursor.error(begin, "a closing tag without a name", "write the name of the element");
        return;
    }
    if (!fault.empty()) cursor.error(begin, fault, fmt::format("write </{}>", name));
    cursor.tree.close(name, begin, cursor.at);
}

void read_start_tag(XmlCursor& cursor) {
    const std::size_t begin = cursor.at++;
    cursor.tag = {};
    const std::string_view name = cursor.take_name("a tag");
    cursor.tag = name;
    std::vector<Attribute> attributes;
    Tag tag = Tag::goes_on;
    while (tag == Tag::goes_on) {
        tag = read_attribute(cursor, attributes);
        if (attributes.size() > cursor.limits.attributes) {
            cursor.limit(
                begin,
                fmt::format("<{}> has more than {} attributes", name, cursor.limits.attributes),
                "leave some out", "xml_attributes");
        }
    }
    report_twins(cursor, attributes, begin);
    const bool cut_off = tag == Tag::ends && cursor.at_end();
    if (tag == Tag::ends) {
        if (cursor.peek() == '/') {
            cursor.at += 2;
            tag = Tag::empty;
        } else if (cursor.peek() == '>') {
            ++cursor.at;
        } else {
            cursor.error(begin, fmt::format("<{} lacks its '>'", name), "add '>'");
        }
    }
    cursor.tag = {};
    if (cut_off) return;
    cursor.attributes += attributes.size();
    cursor.tree.open(name, std::move(attributes), begin);
    if (tag == Tag::empty) cursor.tree.close_innermost();
    check_limits(cursor, begin);
}

}  // namespace bundle
