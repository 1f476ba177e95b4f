// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/packed_texts.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace core {
namespace {

/// Takes a number and the blank before it, if there is one; nullopt if it is not there.
std::optional<std::size_t> take_number(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const auto value = whole_number<std::size_t>(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    return value;
}

}  // namespace

std::string pack_texts(const std::vector<std::string>& texts) {
    std::string value = std::to_string(texts.size());
    std::size_t size = value.size() + 1;
    for (const std::string& text : texts) {
        value += ' ' + std::to_string(text.size());
        size += text.size();
    }
    value.reserve(value.size() + size);
    value += '\n';
    for (const std::string& text : texts) value += text;
    return value;
}

std::optional<std::vector<std::string_view>> packed_texts(std::string_view value) {
    const std::size_t end = value.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = value.substr(0, end);
    std::string_view rest = value.substr(end + 1);
    const auto count = take_number(line);
    if (!count) return std::nullopt;
    std::vector<std::string_view> texts;
    for (std::size_t i = 0; i < *count; ++i) {
        const auto size = take_number(line);
        if (!size || *size > rest.size()) return std::nullopt;
        texts.push_back(rest.substr(0, *size));
        rest.remove_prefix(*size);
    }
    if (!line.empty() || !rest.empty()) return std::nullopt;
    return texts;
}

}  // namespace core
