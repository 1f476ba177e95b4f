// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/packages_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

#include "backends/apt/relation.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

/// Every stanza has them, once. The first begins it.
constexpr std::array<std::string_view, 6> needed{"Package",  "Version", "Architecture",
                                                 "Filename", "Size",    "SHA256"};

constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\t';
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::size_t run() {
        std::size_t count = 0;
        for (; at_ < text_.size(); ++count) stanza();
        return count;
    }

  private:
    void stanza() {
        begin_ = at_;
        seen_ = 0;
        do {
            field();
        } while (at_ < text_.size() && text_[at_] != '\n');
        if (at_ == text_.size()) fail("the last stanza is not ended");
        ++at_;
        if (seen_ != (1u << needed.size()) - 1) fail("a stanza lacks a field");
        if (at_ - begin_ > largest_stanza) fail("a stanza is larger than apt reads");
    }

    void field() {
        const bool first = at_ == begin_;
        const std::string_view line = take_line();
        const std::size_t colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        if (colon == std::string_view::npos || !is_name(name)) fail("a line is no field");
        if (first && name != needed.front()) fail("a stanza does not begin with Package");
        const std::size_t begin =
            at_ - line.size() + colon;  // of the value, the line's end counted
        if (colon + 1 < line.size() && line[colon + 1] != ' ') fail("no blank after the colon");
        while (at_ < text_.size() && text_[at_] == ' ') continuation();
        const std::string_view value = text_.substr(begin, at_ - begin - 1);
        if (core::trimmed(value).empty()) fail("a field is empty");
        note(name);
        if (!is_relation(name)) return;
        if (const std::string fault = relation_fault(name, value); !fault.empty()) {
            fail(fmt::format("{}: {}", name, fault));
        }
    }

    void continuation() {
        if (core::trimmed(take_line()).empty()) fail("a line is blank");
    }

    /// Without its end.
    std::string_view take_line() {
        const std::size_t end = text_.find('\n', at_);
        if (end == std::string_view::npos) fail("the last line is not ended");
        const std::string_view line = text_.substr(at_, end - at_);
        if (std::any_of(line.begin(), line.end(), is_control)) fail("there is a control character");
        at_ = end + 1;
        return line;
    }

    static bool is_name(std::string_view name) {
        return !name.empty() && name.front() != '#' && name.front() != '-' &&
               std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
    }

    void note(std::string_view name) {
        const auto* const field = std::find(needed.begin(), needed.end(), name);
        if (field == needed.end()) return;
        const std::uint32_t bit = 1u << (field - needed.begin());
        if ((seen_ & bit) != 0) fail("a stanza has a field twice");
        seen_ |= bit;
    }

    [[noreturn]] void fail(std::string_view what) const {
        throw core::Error(fmt::format(
            "not an index that apt can read, in the stanza at byte {}: {}", begin_, what));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;  // of the stanza
    std::uint32_t seen_ = 0;
};

}  // namespace

std::size_t count_stanzas(std::string_view packages) {
    return Reader(packages).run();
}

}  // namespace apt
