// SPDX-License-Identifier: GPL-3.0-or-later
// provider list, transfer, adopt: under which provider the names of packages stand.
#include <fmt/format.h>

#include "core/model/text.hpp"
#include "core/work/owners.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

using Names = std::vector<std::string>;

/// One provider, its names below it. Also of a provider that is not configured any more.
std::string names_below(const std::string& title, const Names& names) {
    std::string text = fmt::format("{}: {}\n", title, counted(names.size(), "package name"));
    for (const std::string& name : names) text += "  " + name + "\n";
    return text;
}

int list(const Commands& commands) {
    const Program program(commands.depot, commands.cells);
    const core::Providers& providers = program.depot.configuration.providers;
    std::map<std::string, Names> names;  // by provider
    for (const core::Provider& provider : providers) names[provider.name];
    for (const auto& [name, provider] : core::owners_of(program.depot)) {
        names[provider].push_back(name);
    }
    const Names nobodys = std::move(names[""]);
    names.erase("");
    if (commands.json) {
        Json json = Json::array();
        for (const auto& [name, its] : names) {
            const bool configured = core::find_provider(providers, name) != nullptr;
            json.push_back({{"provider", name}, {"configured", configured}, {"names", its}});
        }
        print({{"providers", json}, {"nobodys", nobodys}});
        return 0;
    }
    for (const auto& [name, its] : names) {
        const bool configured = core::find_provider(providers, name) != nullptr;
        say("{}", names_below(configured ? name : name + " (not configured any more)", its));
    }
    if (!nobodys.empty()) say("{}", names_below("nobody", nobodys));
    if (providers.empty()) say("providers: {}\n", core::remark_on_providers(providers, {}));
    return 0;
}

void add_list(Commands& commands, CLI::App& parent) {
    CLI::App& command = commands.add_below(
        parent, "list", "Show the providers, the package names of each, and those of nobody");
    command.callback([&commands] { commands.action = [&commands] { return list(commands); }; });
}

void add_transfer(Commands& commands, CLI::App& parent) {
    struct Options : ChangeOptions {
        Names names;
        std::string to;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command =
        commands.add_below(parent, "transfer", "Give names of packages to a provider");
    command.add_option("NAME", options->names, "names of packages")->required();
    command.add_option("--to", options->to, "the provider")->required();
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] {
            Program program(commands.depot, commands.cells);
            print_outcome(commands, program.operations().transfer(options->names, options->to,
                                                                  options->asked));
            return 0;
        };
    });
}

int adopt(const Commands& commands, const core::Asked& asked) {
    Program program(commands.depot, commands.cells);
    const core::Outcome outcome = program.operations().adopt(asked);
    const std::size_t found = outcome.plan.operation.claims.size();
    if (found > 0 || commands.json) print_outcome(commands, outcome);
    if (outcome.done || commands.json) return 0;
    const std::size_t all = core::names_of_nobody(core::owners_of(program.depot)).size();
    if (all == 0) say("no package name is nobody's: nothing is left to adopt\n");
    if (all > found) {
        say("{} may be of several providers or of none, and stay nobody's: give them with "
            "`sluice provider transfer`\n",
            counted(all - found, "name"));
    }
    say("{}\n", found > 0 ? "carry it out with --yes" : "nothing was changed");
    return 0;
}

void add_adopt(Commands& commands, CLI::App& parent) {
    struct Options : ChangeOptions {
        bool yes = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command = commands.add_below(
        parent, "adopt",
        "Propose whose the names are that stood before there were providers: by the keys that\n"
        "signed their packages and by what each provider may hand in; changes nothing without "
        "--yes");
    command.add_flag("--yes", options->yes, "carry the proposal out");
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] {
            core::Asked asked = options->asked;
            asked.dry_run = asked.dry_run || !options->yes;
            return adopt(commands, asked);
        };
    });
}

}  // namespace

void add_provider(Commands& commands) {
    CLI::App& parent = *commands.application.add_subcommand(
        "provider", "Whose packages are whose: providers and the package names of each");
    parent.require_subcommand(1);
    add_list(commands, parent);
    add_transfer(commands, parent);
    add_adopt(commands, parent);
}

}  // namespace command_line
