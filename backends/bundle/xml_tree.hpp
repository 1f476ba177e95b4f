// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the tree of a document from its tags and texts, also where tags are missing or misspelt:
// reports every tag that does not fit, and puts what follows where it was most likely meant to be.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"

namespace bundle {

class TreeBuilder {
  public:
    /// `text` must outlive this; offsets are in it.
    TreeBuilder(std::string_view text, const LineTable& lines, Findings& findings);

    void open(std::string_view name, std::vector<Attribute> attributes, std::size_t begin);
    void close(std::string_view name, std::size_t begin, std::size_t end);
    void close_innermost();
    std::vector<Element> finish();  // the text ends

    /// Counts character data of the innermost element, in bytes as written; returns their sum.
    std::size_t count_text(std::size_t size, bool blank);
    void add_characters(std::string_view characters);

    std::size_t depth() const { return stack_.size(); }
    std::size_t elements() const { return elements_; }

    /// "Release/Package/Name": the innermost open element, and below it `child` if given.
    std::string path(std::string_view child = {}) const;

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// Where a child begins, and what its parent held before it.
    struct Mark {
        std::size_t begin = none;
        std::size_t children = 0;
        std::size_t text = 0;
    };
    struct Open {
        Element element;  // without its children
        std::list<Element> children;
        std::size_t begin = 0;
        Mark first_child;
        Mark same_name_child;
        std::size_t text_size = 0;
        bool has_text = false;
        bool text_before_child = false;
    };

    void note_child(std::string_view name, std::size_t begin);
    bool reopened(std::size_t index) const;
    void close_down_to(std::size_t count, std::size_t at, std::string_view cause);
    void close_reopened();
    void close_unclosed(std::size_t at, std::string_view cause);
    bool close_misnamed(std::string_view name, std::size_t begin, std::size_t end);
    std::list<Element>& siblings();
    void take_over(std::list<Element>& children, std::string_view text);

    std::string_view text_;
    const LineTable& lines_;
    Findings& findings_;
    std::vector<Open> stack_;
    std::list<Element> roots_;
    std::size_t elements_ = 0;
};

}  // namespace bundle
