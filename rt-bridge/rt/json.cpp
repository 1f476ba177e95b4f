// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/json.hpp"

#include <array>

#include "core/model/base64.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace rt {
namespace {

using nlohmann::json;

const json& member(const json& object, const char* key) {
    static const json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

}  // namespace

json parse_answer(std::string_view text, std::string_view what) {
    json parsed = core::parse_json(text, what, answer_limits);
    if (parsed.is_structured()) return parsed;
    throw core::Error(std::string(what) + " is not the JSON that was expected");
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
    return core::whole_number(as_text(value)).value_or(0);
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

std::string bytes_of(const json& object, const char* key) {
    std::string lines = text_of(object, key);
    std::erase_if(lines, [](char c) { return c == '\n' || c == '\r'; });
    if (lines.size() % 4 != 0) throw core::Error("RT sent an attachment that was cut off");
    if (auto bytes = core::from_base64(lines)) return *std::move(bytes);
    throw core::Error("RT sent an attachment that is not base64");
}

}  // namespace rt
