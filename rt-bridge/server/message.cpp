// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/message.hpp"

#include <charconv>

#include "core/model/text.hpp"

namespace server {
namespace {

/// What is no escape stays as it is.
std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint8_t byte = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            result += static_cast<char>(byte);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace

std::string Request::path() const {
    return percent_decoded(std::string_view(target).substr(0, target.find_first_of("?#")));
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    const std::size_t mark = target.find('?');
    if (mark == std::string::npos) return std::nullopt;
    const std::string query = target.substr(mark + 1, target.find('#') - mark - 1);
    for (const std::string& pair : core::split(query, "&")) {
        const std::size_t equals = pair.find('=');
        if (equals != std::string::npos && pair.compare(0, equals, name) == 0) {
            return percent_decoded(std::string_view(pair).substr(equals + 1));
        }
    }
    return std::nullopt;
}

std::string_view Request::header(std::string_view name) const {
    const std::string wanted = core::lower(name);
    for (const auto& [key, value] : headers) {
        if (core::lower(key) == wanted) return value;
    }
    return {};
}

std::uint64_t FileParts::size() const {
    std::uint64_t sum = after.size();
    for (const Part& part : parts) sum += part.before.size() + part.size;
    return sum;
}

}  // namespace server
