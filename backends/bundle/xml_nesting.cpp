// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_nesting.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace bundle {

using core::reason::xml_syntax;

Nesting::Nesting(std::string_view text, const LineTable& lines, Findings& findings,
                 std::vector<Edit>& edits)
    : text_(text), lines_(lines), findings_(findings), edits_(edits) {}

void Nesting::note_child(std::string_view name, std::size_t begin) {
    if (stack_.empty()) return;
    Open& parent = stack_.back();
    if (parent.first_child == none) {
        parent.first_child = begin;
        parent.text_before_child = parent.has_text;
    }
    if (parent.same_name_child == none && parent.name == name) parent.same_name_child = begin;
}

void Nesting::open(std::string_view name, std::size_t begin, std::size_t end) {
    note_child(name, begin);
    Open element;
    element.name = name;
    element.begin = begin;
    element.end = end;
    element.start = starts_.size();
    stack_.push_back(element);
    starts_.push_back({begin});
}

void Nesting::empty_element(std::string_view name, std::size_t begin) {
    note_child(name, begin);
    starts_.push_back({begin});
}

std::size_t Nesting::add_text(std::size_t size, bool blank) {
    if (stack_.empty()) return 0;
    if (!blank) stack_.back().has_text = true;
    return stack_.back().text_size += size;
}

bool Nesting::close(std::string_view name, std::size_t begin, std::size_t end) {
    const auto found = std::find_if(stack_.rbegin(), stack_.rend(),
                                    [&](const Open& element) { return element.name == name; });
    if (found == stack_.rend()) {
        if (close_misnamed(name, begin, end)) return true;
        findings_.error(xml_syntax, lines_.place(begin), path(),
                        fmt::format("</{}> closes nothing: no such element is open", name),
                        "remove it, or add its start tag");
        edits_.push_back({begin, end - begin, {}});
        return true;
    }
    const auto count = static_cast<std::size_t>(stack_.rend() - found);
    close_down_to(count, begin, fmt::format("</{}>", name));
    stack_.pop_back();
    return false;
}

/// A closing tag of an unknown name is the innermost element's with a slip, or with any name if
/// that element holds text only: `<Keywords>x</Kewords>`, `<Name>x</Title>`.
bool Nesting::close_misnamed(std::string_view name, std::size_t begin, std::size_t end) {
    if (stack_.empty()) return false;
    const Open& innermost = stack_.back();
    const bool leaf = innermost.has_text && innermost.first_child == none;
    if (!leaf && !similar(name, innermost.name)) return false;
    const std::size_t next = text_.find('<', end);
    const std::string_view follows = next < text_.size() ? text_.substr(next) : std::string_view();
    if (follows.starts_with("</") && follows.substr(2).starts_with(innermost.name)) return false;
    const Place opened = lines_.place(innermost.begin);
    findings_.error(xml_syntax, lines_.place(begin), path(),
                    fmt::format("</{}> stands where </{}> is meant, which was opened at {}:{}",
                                name, innermost.name, opened.line, opened.column),
                    fmt::format("write </{}>", innermost.name));
    edits_.push_back({begin, end - begin, fmt::format("</{}>", innermost.name)});
    stack_.pop_back();
    return true;
}

void Nesting::finish() {
    close_down_to(0, text_.size(), "the document ends");
}

/// True if the element at `index` is a start tag written for its parent's closing tag:
/// `<DocumentationLinks>text<DocumentationLinks>`.
bool Nesting::reopened(std::size_t index) const {
    if (index == 0) return false;
    const Open& parent = stack_[index - 1];
    return parent.name == stack_[index].name && parent.text_before_child &&
           parent.first_child == stack_[index].begin;
}

/// Closes all but the first `count` elements, which nothing closed before `at`.
void Nesting::close_down_to(std::size_t count, std::size_t at, std::string_view cause) {
    while (stack_.size() > count) {
        const std::size_t last = stack_.size() - 1;
        if (last > count && reopened(last)) {
            report_reopened(last);
            stack_.pop_back();
        } else {
            report_unclosed(last, at, cause);
        }
        stack_.pop_back();
    }
}

void Nesting::report_reopened(std::size_t index) {
    const Open& second = stack_[index];
    const Place opened = lines_.place(stack_[index - 1].begin);
    findings_.error(xml_syntax, lines_.place(second.begin), path_to(index),
                    fmt::format("<{}> stands where </{}> is meant; the element opened at {}:{} is "
                                "never closed",
                                second.name, second.name, opened.line, opened.column),
                    fmt::format("write </{}>", second.name));
    edits_.push_back({second.begin, second.end - second.begin, fmt::format("</{}>", second.name)});
    starts_[second.start].dropped = true;
}

/// The closing tag is put where it was most likely forgotten: before a sibling of the same name, or
/// right after the text of what is otherwise a leaf, or where its absence was noticed.
void Nesting::report_unclosed(std::size_t index, std::size_t at, std::string_view cause) {
    const Open& element = stack_[index];
    const Place noticed = lines_.place(at);
    findings_.error(
        xml_syntax, lines_.place(element.begin), path_to(index + 1),
        fmt::format("<{}> is opened here and never closed; noticed at {}:{}, where {}",
                    element.name, noticed.line, noticed.column,
                    cause.starts_with('<') ? fmt::format("{} follows", cause) : std::string(cause)),
        fmt::format("add </{}>", element.name));
    std::size_t offset = at;
    if (element.same_name_child != none) {
        offset = element.same_name_child;
    } else if (element.text_before_child) {
        offset = element.first_child;
    }
    edits_.push_back({offset, 0, fmt::format("</{}>", element.name)});
}

/// Leaves out a reopened element: what follows it is its sibling in the writer's mind.
std::string Nesting::path_to(std::size_t count) const {
    std::string result;
    if (!findings_.wants_errors()) return result;  // a finding per byte must not cost a path each
    for (std::size_t i = 0; i < count; ++i) {
        if (i + 1 < count && reopened(i + 1)) {
            ++i;
            continue;
        }
        if (!result.empty()) result += '/';
        result += stack_[i].name;
    }
    return result;
}

std::string Nesting::path(std::string_view child) const {
    std::string result = path_to(stack_.size());
    if (child.empty()) return result;
    if (!result.empty()) result += '/';
    return result += child;
}

std::vector<std::size_t> Nesting::starts() const {
    std::vector<std::size_t> result;
    result.reserve(starts_.size());
    for (const Start& start : starts_) {
        if (!start.dropped) result.push_back(start.offset);
    }
    return result;
}

}  // namespace bundle
