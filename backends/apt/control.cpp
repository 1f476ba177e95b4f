// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/control.hpp"

#include <algorithm>
#include <set>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

core::Refused bad_line(int line, const std::string& message) {
    return core::Refused(core::reason::package_corrupt,
                         "control file, line " + std::to_string(line) + ": " + message);
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Printable ASCII without space and colon, not beginning as a comment or an option would.
bool valid_name(std::string_view name) {
    return !name.empty() && name.front() != '#' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void check_characters(std::string_view text) {
    if (!core::valid_utf8(text)) {
        throw core::Refused(core::reason::control_characters, "the control file is not UTF-8 text",
                            "Write debian/control in UTF-8.");
    }
    if (core::has_control_characters(text, true)) {
        throw core::Refused(core::reason::control_characters,
                            "the control file contains control characters");
    }
}

/// Takes a line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

class Parser {
  public:
    void add(std::string_view line, int number) {
        if (is_blank(line.front())) {
            continue_field(line, number);
        } else {
            begin_field(line, number);
        }
    }

    std::vector<Field> finish() { return std::move(fields_); }

  private:
    void begin_field(std::string_view line, int number) {
        const auto colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        if (colon == std::string_view::npos || !valid_name(name)) {
            throw bad_line(number, "not a field: " + core::escaped(line.substr(0, 60)));
        }
        if (!names_.insert(core::lower(name)).second) {
            throw bad_line(number, "a second field " + core::escaped(name));
        }
        fields_.push_back({std::string(name), std::string(without_blanks(line.substr(colon + 1)))});
    }

    void continue_field(std::string_view line, int number) {
        if (fields_.empty()) throw bad_line(number, "continues a field, but there is none");
        while (is_blank(line.back())) line.remove_suffix(1);
        fields_.back().value += "\n ";
        fields_.back().value += line.substr(1);
    }

    std::vector<Field> fields_;
    std::set<std::string> names_;
};

}  // namespace

std::vector<Field> parse_control(std::string_view text) {
    check_characters(text);
    Parser parser;
    int number = 0;
    int blank = 0;  // the first blank line; more of them may end the file, nothing else
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        ++number;
        if (without_blanks(line).empty()) {
            if (blank == 0) blank = number;
        } else if (blank != 0) {
            throw bad_line(blank, "a blank line inside the paragraph");
        } else {
            parser.add(line, number);
        }
    }
    return parser.finish();
}

bool same_name(std::string_view a, std::string_view b) {
    const auto small = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char one, char other) { return small(one) == small(other); });
}

std::string_view value_of(const std::vector<Field>& fields, std::string_view name) {
    for (const Field& field : fields) {
        if (same_name(field.name, name)) return field.value;
    }
    return {};
}

}  // namespace apt
