// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/deb822.hpp"

#include <algorithm>
#include <set>

#include "core/model/text.hpp"

namespace apt {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// Printable ASCII without space and colon, not beginning as a comment or an option would.
bool valid_name(std::string_view name) {
    return !name.empty() && name.front() != '#' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::optional<std::vector<Field>> ParagraphReader::next() {
    if (rest_.empty()) return std::nullopt;
    std::vector<Field> fields;
    std::set<std::string> names;
    while (!rest_.empty()) {
        const std::string_view line = take_line();
        if (core::trimmed(line).empty()) break;
        if (is_blank(line.front())) {
            continue_field(fields, line);
            continue;
        }
        const Field& field = fields.emplace_back(begun_field(line));
        if (!names.insert(core::lower(field.name)).second) {
            throw refusal_(line_, "a second field " + core::escaped(field.name));
        }
    }
    return fields;
}

/// Without its end.
std::string_view ParagraphReader::take_line() {
    std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Field ParagraphReader::begun_field(std::string_view line) const {
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !valid_name(name)) {
        throw refusal_(line_, "not a field: " + core::escaped(line.substr(0, 60)));
    }
    return {std::string(name), std::string(core::trimmed(line.substr(colon + 1)))};
}

void ParagraphReader::continue_field(std::vector<Field>& fields, std::string_view line) const {
    if (fields.empty()) throw refusal_(line_, "continues a field, but there is none");
    while (is_blank(line.back())) line.remove_suffix(1);
    fields.back().value.append("\n ").append(line.substr(1));
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
