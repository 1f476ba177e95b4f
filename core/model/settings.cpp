// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/model/configuration.hpp"
#include "core/model/error.hpp"

namespace core {
namespace {

const toml::table& table_of(const std::shared_ptr<const void>& node) {
    return *static_cast<const toml::table*>(node.get());
}

}  // namespace

Settings Settings::parse(std::string_view text, std::string_view file_name) {
    try {
        return {std::make_shared<const toml::table>(toml::parse(text, file_name)), ""};
    } catch (const toml::parse_error& error) {
        throw Error(fmt::format("{}:{}:{}: {}", file_name, error.source().begin.line,
                                error.source().begin.column, error.description()));
    }
}

template <class Value>
Value Settings::value(std::string_view key, Value otherwise, std::string_view allowed) {
    known_.insert(std::string(key));
    const toml::node* node = table_of(table_).get(key);
    if (node == nullptr) return otherwise;
    const auto read = node->value_exact<Value>();
    if (!read) bad(key, allowed);
    return *read;
}

std::string Settings::text(std::string_view key, std::string otherwise) {
    return value<std::string>(key, std::move(otherwise), "a text in quotes");
}

bool Settings::flag(std::string_view key, bool otherwise) {
    return value<bool>(key, otherwise, "true or false");
}

std::int64_t Settings::number(std::string_view key, std::int64_t otherwise, std::int64_t most) {
    const auto read = value<std::int64_t>(key, otherwise, "a whole number");
    if (read < 1 || read > most) bad(key, "a number from 1 to " + std::to_string(most));
    return read;
}

std::string Settings::name(std::string_view key) {
    std::string read = text(key);
    if (!is_plain_name(read)) bad(key, "a name of small letters, digits, '.', '_' and '-'");
    return read;
}

std::vector<std::string> Settings::texts(std::string_view key, std::vector<std::string> otherwise) {
    known_.insert(std::string(key));
    const toml::node* node = table_of(table_).get(key);
    if (node == nullptr) return otherwise;
    std::vector<std::string> read;
    const toml::array* array = node->as_array();
    if (array == nullptr) bad(key, "a list of texts");
    for (const toml::node& element : *array) {
        const auto text = element.value<std::string>();
        if (!text) bad(key, "a list of texts");
        read.push_back(*text);
    }
    return read;
}

std::vector<Settings> Settings::tables(std::string_view key) {
    known_.insert(std::string(key));
    std::vector<Settings> result;
    const toml::node* node = table_of(table_).get(key);
    if (node == nullptr) return result;
    const toml::array* array = node->as_array();
    if (array == nullptr) bad(key, "written as [[" + std::string(key) + "]]");
    for (const toml::node& element : *array) {
        const toml::table* table = element.as_table();
        if (table == nullptr) bad(key, "written as [[" + std::string(key) + "]]");
        result.push_back({Node(table_, table), where_ + std::string(key) + "."});
    }
    return result;
}

Settings Settings::table(std::string_view key) {
    known_.insert(std::string(key));
    const toml::node* node = table_of(table_).get(key);
    const std::string where = where_ + std::string(key) + ".";
    if (node == nullptr) return {std::make_shared<const toml::table>(), where};
    if (!node->is_table()) bad(key, "a table");
    return {Node(table_, node->as_table()), where};
}

std::vector<std::string> Settings::keys() const {
    std::vector<std::string> names;
    for (const auto& [key, node] : table_of(table_)) names.emplace_back(key.str());
    return names;
}

void Settings::nothing_else() const {
    for (const auto& [key, node] : table_of(table_)) {
        if (!known_.contains(std::string(key.str()))) {
            throw Error(fmt::format("{}{}: there is no such setting (line {})", where_, key.str(),
                                    node.source().begin.line));
        }
    }
}

void Settings::bad(std::string_view key, std::string_view allowed) const {
    throw Error(fmt::format("{}{} must be {}", where_, key, allowed));
}

}  // namespace core
