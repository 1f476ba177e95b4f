// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/xml_content.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include "core/model/error.hpp"

namespace yum {
namespace {

/// What has to be done about a byte in a text.
enum class Byte : std::uint8_t { plain, markup, beyond_ascii, forbidden };

constexpr auto bytes = [] {
    std::array<Byte, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (i >= 0x80) table[i] = Byte::beyond_ascii;
        // A carriage return is allowed, but clients would read another character (XML 1.0 §2.11).
        if (i < 0x20 && i != '\n' && i != '\t') table[i] = Byte::forbidden;
    }
    for (const char c : {'<', '>', '&', '"', ']'}) {
        table[static_cast<unsigned char>(c)] = Byte::markup;
    }
    return table;
}();

constexpr auto name_bytes = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || (i >= '0' && i <= '9') ||
                   i == '_' || i == '-' || i == '.';
    }
    return table;
}();

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/// XML 1.0 §2.2, of what is not ASCII or is written as a number.
bool is_character(std::uint32_t code) {
    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
           (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code < 0x110000);
}

class Scanner {
  public:
    Scanner(std::string_view text, std::string_view prefix) : text_(text), prefix_(prefix) {}

    std::size_t run() {
        while (at_ < text_.size()) {
            if (text_[at_] == '<') {
                tag();
            } else if (!open_.empty()) {
                characters('<');
            } else if (!take_space()) {
                fail("there is text outside of the elements");
            }
        }
        if (!open_.empty()) fail("an element is not closed");
        return count_;
    }

  private:
    void tag() {
        ++at_;
        if (take('/')) return end_tag();
        const std::string_view name = qualified_name();
        if (open_.empty()) ++count_;
        attributes_.clear();
        bool spaced = take_spaces();
        while (at_ < text_.size() && text_[at_] != '>' && text_[at_] != '/') {
            if (!spaced) fail("there is no blank before an attribute");
            attribute();
            spaced = take_spaces();
        }
        const bool empty = take('/');
        expect('>');
        if (!empty) open_.push_back(name);
    }

    void end_tag() {
        const std::string_view name = qualified_name();
        if (open_.empty() || open_.back() != name) fail("a tag closes what is not open");
        open_.pop_back();
        take_spaces();
        expect('>');
    }

    void attribute() {
        const std::string_view name = qualified_name();
        if (std::find(attributes_.begin(), attributes_.end(), name) != attributes_.end()) {
            fail("an attribute stands twice");
        }
        attributes_.push_back(name);
        expect('=');
        expect('"');
        characters('"');
        expect('"');
    }

    /// Up to `end`, or the end of the text.
    void characters(char end) {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            switch (bytes[static_cast<unsigned char>(c)]) {
                case Byte::plain:
                    ++at_;
                    break;
                case Byte::beyond_ascii:
                    character();
                    break;
                case Byte::forbidden:
                    fail("there is a control character");
                case Byte::markup:
                    if (c == end) return;
                    markup(c);
            }
        }
    }

    void markup(char c) {
        if (c == '&') return reference();
        if (c == '<') fail("there is a < in an attribute");
        if (c == ']' && text_.substr(at_).starts_with("]]>")) fail("there is a ]]>");
        ++at_;
    }

    void reference() {
        ++at_;
        if (take('#')) return number();
        constexpr std::array<std::string_view, 5> known{"lt;", "gt;", "amp;", "quot;", "apos;"};
        for (const std::string_view name : known) {
            if (!text_.substr(at_).starts_with(name)) continue;
            at_ += name.size();
            return;
        }
        fail("there is an & that begins no known reference");
    }

    void number() {
        const std::uint32_t base = take('x') ? 16 : 10;
        std::uint32_t code = 0;
        const std::size_t begin = at_;
        for (; at_ < text_.size() && text_[at_] != ';'; ++at_) {
            const char c = text_[at_];
            const std::uint32_t digit = c >= '0' && c <= '9'   ? c - '0'
                                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                               : base;
            if (digit >= base || code > 0x10FFFF) fail("a reference is no number");
            code = code * base + digit;
        }
        if (at_ == begin || !is_character(code)) fail("a reference is to no character");
        expect(';');
    }

    /// One of two to four bytes of UTF-8, each in its only form.
    void character() {
        const auto first = static_cast<unsigned char>(text_[at_]);
        const std::size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (size == 0 || first > 0xF4 || text_.size() - at_ < size) fail("there is no UTF-8");
        std::uint32_t code = first & (0x7Fu >> size);
        for (std::size_t i = 1; i < size; ++i) {
            const auto byte = static_cast<unsigned char>(text_[at_ + i]);
            if ((byte & 0xC0) != 0x80) fail("there is no UTF-8");
            code = code << 6 | (byte & 0x3Fu);
        }
        constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
        if (code < least[size] || !is_character(code)) fail("there is no character of XML");
        at_ += size;
    }

    std::string_view qualified_name() {
        const std::size_t begin = at_;
        std::string_view name = plain_name();
        if (at_ < text_.size() && text_[at_] == ':') {
            if (name != prefix_ && name != "xml" && name != "xmlns")
                fail("a name has an unknown prefix");
            ++at_;
            plain_name();
            name = text_.substr(begin, at_ - begin);
        }
        return name;
    }

    std::string_view plain_name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && name_bytes[static_cast<unsigned char>(text_[at_])]) ++at_;
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (name.empty() || name[0] == '-' || name[0] == '.' ||
            (name[0] >= '0' && name[0] <= '9')) {
            fail("there is no name");
        }
        return name;
    }

    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool take_space() {
        if (at_ == text_.size() || !is_space(text_[at_])) return false;
        ++at_;
        return true;
    }

    bool take_spaces() {
        const std::size_t begin = at_;
        while (take_space()) {
        }
        return at_ != begin;
    }

    void expect(char c) {
        if (!take(c)) fail(fmt::format("a {} is missing", c));
    }

    [[noreturn]] void fail(std::string_view what) const {
        throw core::Error(fmt::format("not well-formed XML, at byte {}: {}", at_, what));
    }

    std::string_view text_;
    std::string_view prefix_;
    std::size_t at_ = 0;
    std::size_t count_ = 0;
    std::vector<std::string_view> open_;
    std::vector<std::string_view> attributes_;  // of the tag that is read
};

}  // namespace

std::size_t count_elements(std::string_view content, std::string_view prefix) {
    return Scanner(content, prefix).run();
}

}  // namespace yum
