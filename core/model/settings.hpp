// SPDX-License-Identifier: GPL-3.0-or-later
// One table of a TOML file: settings are read by name, and what nobody asked for is refused, so
// that a misspelt setting is never without effect in silence.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace core {

class Settings {
  public:
    /// The whole file. Throws Error "file:line:column: …" if it is no TOML.
    static Settings parse(std::string_view toml, std::string_view file_name);

    /// Each throws Error if the setting is there and something else.
    std::string text(std::string_view key, std::string otherwise = {});
    bool flag(std::string_view key, bool otherwise = false);
    std::int64_t number(std::string_view key, std::int64_t otherwise,
                        std::int64_t most = 100'000);  // 1 to `most`
    std::string name(std::string_view key);            // is_plain_name
    std::vector<std::string> texts(std::string_view key, std::vector<std::string> otherwise = {});

    /// The sub-tables of [[key]]; the sub-table [key], empty if there is none.
    std::vector<Settings> tables(std::string_view key);
    Settings table(std::string_view key);

    /// For a table whose settings are named by the user.
    std::vector<std::string> keys() const;

    /// Throws Error if there is a setting that was not asked for.
    void nothing_else() const;

    [[noreturn]] void bad(std::string_view key, std::string_view allowed) const;

  private:
    using Node = std::shared_ptr<const void>;  // a table of the library, which stays unseen here

    Settings(Node table, std::string where) : table_(std::move(table)), where_(std::move(where)) {}

    template <class Value>
    Value value(std::string_view key, Value otherwise, std::string_view allowed);

    Node table_;
    std::string where_;  // "keep.", in front of a setting's name
    std::set<std::string> known_;
};

}  // namespace core
