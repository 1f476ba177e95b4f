// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/json.hpp"

#include <array>
#include <charconv>

#include "core/model/error.hpp"

namespace rt {
namespace {

using nlohmann::json;

constexpr int deepest = 32;

const json& member(const json& object, const char* key) {
    static const json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace

json parse_json(std::string_view text, std::string_view what) {
    bool too_deep = false;
    const auto shallow = [&](int depth, json::parse_event_t, json&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;
    };
    json parsed = json::parse(text, shallow, false);
    if (too_deep || !parsed.is_structured()) {
        throw core::Error(std::string(what) + " is not the JSON that was expected");
    }
    return parsed;
}

std::string as_text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    return {};
}

std::string text_of(const json& object, const char* key) {
    return as_text(member(object, key));
}

std::uint64_t number_of(const json& object, const char* key) {
    const json& value = member(object, key);
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    const std::string text = as_text(value);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

const json& list_of(const json& object, const char* key) {
    static const json none = json::array();
    const json& value = member(object, key);
    return value.is_array() ? value : none;
}

const json& object_of(const json& object, const char* key) {
    static const json none = json::object();
    const json& value = member(object, key);
    return value.is_object() ? value : none;
}

std::string from_base64(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    unsigned bits = 0;
    unsigned count = 0;
    bool padded = false;
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue;
        const int value = base64_value(c);
        if (c == '=') {
            padded = true;
        } else if (value < 0 || padded) {
            throw core::Error("RT sent an attachment that is not base64");
        } else {
            bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
            if (++count % 4 != 1) bytes += static_cast<char>(bits >> (6 - 2 * ((count - 1) % 4)));
        }
    }
    if (count % 4 == 1) throw core::Error("RT sent an attachment that was cut off");
    return bytes;
}

}  // namespace rt
