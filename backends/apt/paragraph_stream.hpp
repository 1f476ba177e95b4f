// SPDX-License-Identifier: GPL-3.0-or-later
// Paragraphs of a text that is too large to be held, such as an archive's Packages: read once, in
// blocks, one paragraph in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "backends/apt/deb822.hpp"

namespace apt {

/// Of one paragraph.
struct ParagraphLimits {
    std::size_t bytes = 4u << 20;
    std::size_t fields = 128;
};

class ParagraphStream {
  public:
    using Visit = std::function<void(const std::vector<Field>& fields)>;
    /// What is thrown for a faulty line, and for one that goes beyond a limit.
    using Refusal = std::function<core::Refused(std::uint64_t line, const std::string& message)>;

    ParagraphStream(const ParagraphLimits& limits, Visit visit, Refusal malformed, Refusal too_much)
        : limits_(limits),
          visit_(std::move(visit)),
          malformed_(std::move(malformed)),
          too_much_(std::move(too_much)) {}

    /// Hands each paragraph that has ended to `visit`; blank lines between them are none.
    void feed(std::string_view block);

    /// The text ends, and with it the last paragraph.
    void finish();

    std::uint64_t lines() const { return line_; }  // that were read

  private:
    void take_line(std::string_view line, std::size_t end);
    void end_paragraph(std::size_t end);

    ParagraphLimits limits_;
    Visit visit_;
    Refusal malformed_;
    Refusal too_much_;
    std::string pending_;       // from the begin of the paragraph that is read
    std::size_t begin_ = 0;     // of that paragraph, while a block is read
    std::size_t at_ = 0;        // of the line that is not yet whole
    std::size_t fields_ = 0;    // of that paragraph
    std::uint64_t line_ = 0;    // lines that were read
    std::uint64_t before_ = 0;  // of them, before that paragraph
};

}  // namespace apt
