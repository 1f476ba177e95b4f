// SPDX-License-Identifier: GPL-3.0-or-later
// Which element stands in which, also where tags are missing or misspelt: keeps the stack of open
// elements, reports every tag that does not fit, and notes the edits that would mend the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "backends/bundle/xml_findings.hpp"

namespace bundle {

/// Replaces `length` bytes at `offset`. Edits of one offset apply in the order they were made.
struct Edit {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
};

class Nesting {
  public:
    /// `text` must outlive this; offsets and names are of it.
    Nesting(std::string_view text, const LineTable& lines, Findings& findings,
            std::vector<Edit>& edits);

    void open(std::string_view name, std::size_t begin, std::size_t end);
    void empty_element(std::string_view name, std::size_t begin);
    bool close(std::string_view name, std::size_t begin, std::size_t end);  // true: it was replaced
    void finish();                                                          // the text ends

    /// Counts character data of the innermost element; returns its sum.
    std::size_t add_text(std::size_t size, bool blank);

    std::size_t depth() const { return stack_.size(); }
    std::size_t elements() const { return starts_.size(); }

    /// "Release/Package/Name": the innermost open element, and below it `child` if given.
    std::string path(std::string_view child = {}) const;

    /// Where the start tags are, in document order, after mending.
    std::vector<std::size_t> starts() const;

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct Open {
        std::string_view name;
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t start = 0;  // index in starts_
        std::size_t first_child = none;
        std::size_t same_name_child = none;
        std::size_t text_size = 0;
        bool has_text = false;
        bool text_before_child = false;
    };
    struct Start {
        std::size_t offset = 0;
        bool dropped = false;
    };

    void note_child(std::string_view name, std::size_t begin);
    bool reopened(std::size_t index) const;
    std::string path_to(std::size_t count) const;
    void close_down_to(std::size_t count, std::size_t at, std::string_view cause);
    void report_reopened(std::size_t index);
    void report_unclosed(std::size_t index, std::size_t at, std::string_view cause);
    bool close_misnamed(std::string_view name, std::size_t begin, std::size_t end);

    std::string_view text_;
    const LineTable& lines_;
    Findings& findings_;
    std::vector<Edit>& edits_;
    std::vector<Open> stack_;
    std::vector<Start> starts_;
};

}  // namespace bundle
