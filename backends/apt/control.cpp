// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/control.hpp"

#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

core::Refused bad_line(int line, const std::string& message) {
    return core::Refused(core::reason::package_corrupt,
                         "control file, line " + std::to_string(line) + ": " + message);
}

void check_characters(std::string_view text) {
    if (!core::valid_utf8(text)) {
        throw core::Refused(core::reason::control_characters, "the control file is not UTF-8 text",
                            "Write debian/control in UTF-8.");
    }
    // dpkg keeps a carriage return in the value before it.
    if (text.find('\r') != text.npos || core::has_control_characters(text, core::Text::prose)) {
        throw core::Refused(core::reason::control_characters,
                            "the control file has control characters, or some that reorder text",
                            "Remove them from debian/control and build the package again.");
    }
}

}  // namespace

std::vector<Field> parse_control(std::string_view text) {
    check_characters(text);
    ParagraphReader reader(text, bad_line);
    auto fields = reader.next();
    // Blank lines may end the file, nothing else.
    if (!core::trimmed(reader.rest()).empty()) {
        throw bad_line(reader.line(), "a blank line inside the paragraph");
    }
    return fields ? *std::move(fields) : std::vector<Field>();
}

}  // namespace apt
