// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/commands.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <utility>

#include "core/model/text.hpp"

namespace command_line {

CLI::App& Commands::add(const std::string& name, const std::string& description) {
    return add_below(application, name, description);
}

CLI::App& Commands::add_below(CLI::App& parent, const std::string& name,
                              const std::string& description) {
    CLI::App& command = *parent.add_subcommand(name, description);
    // Not by CLI11's envname: the variable of a subcommand that was not called would be read too,
    // into the same place.
    command.add_option("--depot", depot, "depot directory (or SLUICE_DEPOT)")
        ->capture_default_str()
        ->each([this](const std::string&) { depot_was_named = true; });
    command.add_flag("--json", json, "answer with JSON on standard output");
    return command;
}

std::string default_requester() {
    for (const char* variable : {"SUDO_USER", "USER"}) {
        const char* name = std::getenv(variable);
        if (name != nullptr && *name != '\0') return name;
    }
    const passwd* user = ::getpwuid(::getuid());
    return user == nullptr ? std::to_string(::getuid()) : user->pw_name;
}

std::function<std::string(std::string)> number_of(std::string what, std::uint64_t largest) {
    return [what = std::move(what), largest](const std::string& text) {
        const std::uint64_t number = core::whole_number(text).value_or(0);
        if (number > 0 && number <= largest) return std::to_string(number);
        throw CLI::ValidationError(fmt::format("'{}' is not the number of {}, 1 to {}",
                                               core::escaped(text), what, largest));
    };
}

void ChangeOptions::add_to(CLI::App& command) {
    asked.by = default_requester();
    command.add_option("--by", asked.by, "who asked for it; kept in the ledger")
        ->capture_default_str();
    command.add_option("--reason", asked.reason, "why; kept in the ledger");
    command.add_flag("--dry-run", asked.dry_run, "print the plan and its hash, change nothing");
}

}  // namespace command_line
