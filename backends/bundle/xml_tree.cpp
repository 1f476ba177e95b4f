// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace bundle {
namespace {

using core::reason::xml_syntax;

std::vector<Element> as_vector(std::list<Element>&& elements) {
    return {std::make_move_iterator(elements.begin()), std::make_move_iterator(elements.end())};
}

}  // namespace

TreeBuilder::TreeBuilder(std::string_view text, const LineTable& lines, Findings& findings)
    : text_(text), lines_(lines), findings_(findings) {}

void TreeBuilder::note_child(std::string_view name, std::size_t begin) {
    if (stack_.empty()) return;
    Open& parent = stack_.back();
    const Mark mark{begin, parent.children.size(), parent.element.text.size()};
    if (parent.first_child.begin == none) {
        parent.first_child = mark;
        parent.text_before_child = parent.has_text;
    }
    if (parent.same_name_child.begin == none && parent.element.name == name) {
        parent.same_name_child = mark;
    }
}

void TreeBuilder::open(std::string_view name, std::vector<Attribute> attributes,
                       std::size_t begin) {
    note_child(name, begin);
    Open& opened = stack_.emplace_back();
    const Place place = lines_.place(begin);
    opened.begin = begin;
    opened.element.name = name;
    opened.element.attributes = std::move(attributes);
    opened.element.line = place.line;
    opened.element.column = place.column;
    ++elements_;
}

std::size_t TreeBuilder::count_text(std::size_t size, bool blank) {
    Open& innermost = stack_.back();
    innermost.has_text = innermost.has_text || !blank;
    return innermost.text_size += size;
}

void TreeBuilder::add_characters(std::string_view characters) {
    stack_.back().element.text += characters;
}

void TreeBuilder::close_innermost() {
    Element element = std::move(stack_.back().element);
    element.children = as_vector(std::move(stack_.back().children));
    stack_.pop_back();
    siblings().push_back(std::move(element));
}

std::list<Element>& TreeBuilder::siblings() {
    return stack_.empty() ? roots_ : stack_.back().children;
}

void TreeBuilder::close(std::string_view name, std::size_t begin, std::size_t end) {
    const auto found = std::find_if(stack_.rbegin(), stack_.rend(),
                                    [&](const Open& open) { return open.element.name == name; });
    if (found != stack_.rend()) {
        const auto count = static_cast<std::size_t>(stack_.rend() - found);
        close_down_to(count, begin, fmt::format("</{}>", name));
        close_innermost();
    } else if (!close_misnamed(name, begin, end)) {
        findings_.error(xml_syntax, lines_.place(begin), path(),
                        fmt::format("</{}> closes nothing: no such element is open", name),
                        "remove it, or add its start tag");
    }
}

/// A closing tag of an unknown name is the innermost element's with a slip, or with any name if
/// that element holds text only: `<Keywords>x</Kewords>`, `<Name>x</Title>`.
bool TreeBuilder::close_misnamed(std::string_view name, std::size_t begin, std::size_t end) {
    if (stack_.empty()) return false;
    const Open& innermost = stack_.back();
    const std::string& meant = innermost.element.name;
    const bool leaf = innermost.has_text && innermost.first_child.begin == none;
    if (!leaf && !similar(name, meant)) return false;
    const std::size_t next = text_.find('<', end);
    const std::string_view follows = next < text_.size() ? text_.substr(next) : std::string_view();
    if (follows.starts_with("</") && follows.substr(2).starts_with(meant)) return false;
    const Place opened = lines_.place(innermost.begin);
    findings_.error(xml_syntax, lines_.place(begin), path(),
                    fmt::format("</{}> stands where </{}> is meant, which was opened at {}:{}",
                                name, meant, opened.line, opened.column),
                    fmt::format("write </{}>", meant));
    close_innermost();
    return true;
}

std::vector<Element> TreeBuilder::finish() {
    close_down_to(0, text_.size(), "the document ends");
    return as_vector(std::move(roots_));
}

/// True if the element at `index` is a start tag written for its parent's closing tag:
/// `<DocumentationLinks>text<DocumentationLinks>`.
bool TreeBuilder::reopened(std::size_t index) const {
    if (index == 0) return false;
    const Open& parent = stack_[index - 1];
    return parent.element.name == stack_[index].element.name && parent.text_before_child &&
           parent.first_child.begin == stack_[index].begin;
}

/// Closes all but the first `count` elements, which nothing closed before `at`.
void TreeBuilder::close_down_to(std::size_t count, std::size_t at, std::string_view cause) {
    while (stack_.size() > count) {
        if (stack_.size() > count + 1 && reopened(stack_.size() - 1)) {
            close_reopened();
        } else {
            close_unclosed(at, cause);
        }
    }
}

void TreeBuilder::close_reopened() {
    Open second = std::move(stack_.back());
    stack_.pop_back();
    const Place opened = lines_.place(stack_.back().begin);
    const std::string& name = second.element.name;
    findings_.error(xml_syntax, lines_.place(second.begin), path(),
                    fmt::format("<{}> stands where </{}> is meant; the element opened at {}:{} is "
                                "never closed",
                                name, name, opened.line, opened.column),
                    fmt::format("write </{}>", name));
    close_innermost();
    take_over(second.children, second.element.text);
}

/// The element ends where its end was most likely forgotten: before a child of the same name, or
/// right after the text of what is otherwise a leaf, or where its absence was noticed.
void TreeBuilder::close_unclosed(std::size_t at, std::string_view cause) {
    Open& open = stack_.back();
    const std::string& name = open.element.name;
    const Place noticed = lines_.place(at);
    findings_.error(
        xml_syntax, lines_.place(open.begin), path(),
        fmt::format("<{}> is opened here and never closed; noticed at {}:{}, where {}", name,
                    noticed.line, noticed.column,
                    cause.starts_with('<') ? fmt::format("{} follows", cause) : std::string(cause)),
        fmt::format("add </{}>", name));
    const Mark& end = open.same_name_child.begin != none ? open.same_name_child : open.first_child;
    std::list<Element> behind;
    std::string text;
    if (open.same_name_child.begin != none || open.text_before_child) {
        behind.splice(behind.end(), open.children,
                      std::next(open.children.begin(), static_cast<std::ptrdiff_t>(end.children)),
                      open.children.end());
        text = open.element.text.substr(end.text);
        open.element.text.resize(end.text);
    }
    close_innermost();
    take_over(behind, text);
}

/// What stood in a closed element becomes what the one around it holds.
void TreeBuilder::take_over(std::list<Element>& children, std::string_view text) {
    siblings().splice(siblings().end(), children);
    if (!stack_.empty()) stack_.back().element.text += text;
}

/// Leaves out a reopened element: what follows it is its sibling in the writer's mind.
std::string TreeBuilder::path(std::string_view child) const {
    std::string result;
    if (!findings_.wants_errors()) return result;  // a finding per byte must not cost a path each
    for (std::size_t i = 0; i < stack_.size(); ++i) {
        if (i + 1 < stack_.size() && reopened(i + 1)) {
            ++i;
            continue;
        }
        if (!result.empty()) result += '/';
        result += stack_[i].element.name;
    }
    if (child.empty()) return result;
    if (!result.empty()) result += '/';
    return result += child;
}

}  // namespace bundle
