// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/deb822.hpp"

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace fetch {
namespace {

core::Refused invalid(const std::string& where, std::size_t line, const std::string& what) {
    return {core::reason::repository_invalid,
            core::escaped(where) + ": line " + std::to_string(line) + ": " + what,
            "Make the repository's index anew."};
}

}  // namespace

std::vector<Paragraph> parse_deb822(std::string_view text, const std::string& where) {
    std::vector<Paragraph> paragraphs;
    Paragraph current;
    std::string* value = nullptr;
    std::size_t line_number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line_number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (core::trimmed(line).empty()) {
            if (!current.empty()) paragraphs.push_back(std::move(current));
            current = {};
            value = nullptr;
        } else if (line.front() == ' ' || line.front() == '\t') {
            if (value == nullptr) throw invalid(where, line_number, "it belongs to no field");
            value->append("\n").append(line.substr(1));
        } else {
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || colon == 0) {
                throw invalid(where, line_number, "it is no field");
            }
            const auto [place, is_new] = current.emplace(core::lower(line.substr(0, colon)),
                                                         core::trimmed(line.substr(colon + 1)));
            if (!is_new) throw invalid(where, line_number, "the field is there already");
            value = &place->second;
        }
    }
    if (!current.empty()) paragraphs.push_back(std::move(current));
    return paragraphs;
}

const std::string& value_of(const Paragraph& paragraph, const std::string& field) {
    static const std::string none;
    const auto found = paragraph.find(field);
    return found == paragraph.end() ? none : found->second;
}

}  // namespace fetch
