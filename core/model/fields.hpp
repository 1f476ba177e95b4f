// SPDX-License-Identifier: GPL-3.0-or-later
// JSON (RFC 8259) of values: one table of the members of each, for both directions.
//
//     void fields(auto& json, Of<Move> auto& move) {
//         json.member("release", move.release);
//         json.unless_empty("from", move.from);
//     }
//
// Tables stand in the namespace of their value, before they are used. A namespace other than core
// that has some says `using core::to_json; using core::from_json;`.
#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/model/clock.hpp"
#include "core/model/digest.hpp"

template <>
struct nlohmann::adl_serializer<core::Time> {
    static void to_json(json& object, core::Time time) { object = core::format_time(time); }
    static void from_json(const json& object, core::Time& time) {
        time = core::parse_time(object.get_ref<const std::string&>());
    }
};

template <>
struct nlohmann::adl_serializer<core::Digest> {
    static void to_json(json& object, const core::Digest& digest) { object = digest.hex(); }
    static void from_json(const json& object, core::Digest& digest) {
        digest = core::Digest::parse(object.get_ref<const std::string&>());
    }
};

namespace core {

using Json = nlohmann::json;

/// What a table is for: the value, const when it is written.
template <class T, class Value>
concept Of = std::same_as<std::remove_const_t<T>, Value>;

/// Writes the members of a table.
class FieldWriter {
  public:
    explicit FieldWriter(Json& json) : json_(json) {}

    void member(const char* key, const auto& value) { json_[key] = value; }

    /// Not written if it is what it is by default.
    template <class T>
    void unless_empty(const char* key, const T& value) {
        if (value != T()) json_[key] = value;
    }
    template <class T>
    void unless_empty(const char* key, const std::optional<T>& value) {
        if (value) json_[key] = *value;
    }

  private:
    Json& json_;
};

/// Reads them. Throws Json::exception if one is missing or of another type.
class FieldReader {
  public:
    explicit FieldReader(const Json& json) : json_(json) {}

    void member(const char* key, auto& value) { json_.at(key).get_to(value); }

    template <class T>
    void unless_empty(const char* key, T& value) {
        if (const auto found = json_.find(key); found != json_.end()) found->get_to(value);
    }
    template <class T>
    void unless_empty(const char* key, std::optional<T>& value) {
        if (const auto found = json_.find(key); found != json_.end()) value = found->get<T>();
    }

  private:
    const Json& json_;
};

template <class T>
requires requires(FieldWriter& writer, const T& value) {
    fields(writer, value);
}
void to_json(Json& json, const T& value) {
    json = Json::object();
    FieldWriter writer(json);
    fields(writer, value);
}

template <class T>
requires requires(FieldReader& reader, T& value) {
    fields(reader, value);
}
void from_json(const Json& json, T& value) {
    FieldReader reader(json);
    fields(reader, value);
}

}  // namespace core
