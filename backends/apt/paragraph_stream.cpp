// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/paragraph_stream.hpp"

#include "core/model/text.hpp"

namespace apt {

void ParagraphStream::feed(std::string_view block) {
    std::size_t searched = pending_.size();
    pending_ += block;
    for (std::size_t end; (end = pending_.find('\n', searched)) != std::string::npos;) {
        take_line(std::string_view(pending_).substr(at_, end - at_), end + 1);
        searched = at_ = end + 1;
    }
    pending_.erase(0, begin_);
    at_ -= begin_;
    begin_ = 0;
    if (pending_.size() > limits_.bytes) {
        throw too_much_(line_,
                        "a paragraph has more than " + std::to_string(limits_.bytes) + " bytes");
    }
}

void ParagraphStream::finish() {
    const std::string_view rest = std::string_view(pending_).substr(at_);
    if (!rest.empty()) take_line(rest, pending_.size());
    end_paragraph(pending_.size());
}

/// `end` is where the next line begins.
void ParagraphStream::take_line(std::string_view line, std::size_t end) {
    ++line_;
    if (core::trimmed(line).empty()) return end_paragraph(end);
    const bool continues = line.front() == ' ' || line.front() == '\t';
    if (!continues && ++fields_ > limits_.fields) {
        throw too_much_(line_,
                        "a paragraph has more than " + std::to_string(limits_.fields) + " fields");
    }
}

void ParagraphStream::end_paragraph(std::size_t end) {
    ParagraphReader reader(std::string_view(pending_).substr(begin_, end - begin_),
                           [&](int line, const std::string& message) {
                               return malformed_(before_ + static_cast<std::uint64_t>(line),
                                                 message);
                           });
    const auto fields = reader.next();
    begin_ = end;
    before_ = line_;
    fields_ = 0;
    if (fields && !fields->empty()) visit_(*fields);
}

}  // namespace apt
