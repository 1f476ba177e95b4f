// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/provider_settings.hpp"

#include <algorithm>

#include "core/model/text.hpp"

namespace core {
namespace {

/// As gpg prints it, blanks included; empty if it is none.
std::string fingerprint_in(std::string_view text) {
    std::string digits;
    for (const char c : lower(text)) {
        if (c == ' ') continue;
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return {};
        digits += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return digits.size() == 40 || digits.size() == 64 ? digits : std::string();
}

bool is_key_file(std::string_view text) {
    return text.ends_with(".asc") && !text.starts_with('.') &&
           text.find('/') == std::string_view::npos && !has_control_characters(text);
}

void read_keys(Settings& table, Provider& provider) {
    for (const std::string& text : table.texts("keys")) {
        if (std::string fingerprint = fingerprint_in(text); !fingerprint.empty()) {
            provider.fingerprints.push_back(std::move(fingerprint));
        } else if (is_key_file(text)) {
            provider.key_files.push_back(text);
        } else {
            table.bad("keys",
                      "a list of fingerprints (40 hexadecimal digits) and of the names of "
                      "files in provider-keys/ (such as \"lumen.asc\")");
        }
    }
}

std::vector<std::string> read_patterns(Settings& table, std::string_view key) {
    std::vector<std::string> patterns = table.texts(key, {"*"});
    const bool sound = std::ranges::none_of(patterns, [](const std::string& pattern) {
        return trimmed(pattern).empty() || has_control_characters(pattern);
    });
    if (patterns.empty() || !sound) table.bad(key, "a list of at least one pattern");
    return patterns;
}

std::vector<std::string> read_people(Settings& table) {
    std::vector<std::string> people = table.texts("people");
    for (const std::string& who : people) {
        if (who.empty() || who == "group:" || has_control_characters(who, Text::line)) {
            table.bad("people", "a list of user names, and of groups as \"group:NAME\"");
        }
    }
    return people;
}

}  // namespace

Provider read_provider(Settings table) {
    Provider provider;
    provider.name = table.name("name");
    read_keys(table, provider);
    provider.people = read_people(table);
    provider.products = read_patterns(table, "products");
    provider.packages = read_patterns(table, "packages");
    provider.lines = table.texts("lines");
    table.nothing_else();
    return provider;
}

}  // namespace core
