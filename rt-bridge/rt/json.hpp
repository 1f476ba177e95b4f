// SPDX-License-Identifier: GPL-3.0-or-later
// JSON as RT writes it: numbers are sometimes text, unset values are null, "" or absent, and keys
// come in any order. Private to this folder.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/model/json_text.hpp"

namespace rt {

/// The most that is read of an answer.
inline constexpr core::JsonLimits answer_limits{.depth = 32, .values = 500'000};

/// Throws Error, which names `what` was read, if this is no JSON object or array, or beyond the
/// limits.
nlohmann::json parse_answer(std::string_view text, std::string_view what);

/// Members of an object. A missing or null one, or one of another type, is empty or 0.
std::string text_of(const nlohmann::json& object, const char* key);
std::uint64_t number_of(const nlohmann::json& object, const char* key);
const nlohmann::json& list_of(const nlohmann::json& object, const char* key);
const nlohmann::json& object_of(const nlohmann::json& object, const char* key);

/// A value as text: strings as they are, whole numbers in decimal; empty for everything else.
std::string as_text(const nlohmann::json& value);

/// A member that is base64 with line breaks in it; throws Error if it is none.
std::string bytes_of(const nlohmann::json& object, const char* key);

}  // namespace rt
