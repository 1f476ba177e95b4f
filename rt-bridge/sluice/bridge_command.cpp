// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/sluice/bridge_command.hpp"

#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/report.hpp"
#include "rt-bridge/sluice/assembly.hpp"

namespace sluice {
namespace {

using command_line::Commands;
using command_line::print;
using command_line::say;

struct BridgeOptions {
    bool once = false;
    std::uint64_t ticket = 0;
    std::string source;
};

/// One pass, and what it did; status 1 if something has to be tried again.
int pass_once(const Commands& commands, Assembly& assembly) {
    const bool all = assembly.pass();
    commands.done = "what tickets asked for was looked at";
    const bridge::Bridge& bridge = assembly.bridge();
    const bridge::Counts& counts = bridge.counts();
    const std::size_t postponed = bridge.postponed().size();
    if (commands.json) {
        print({{"done", counts.done},
               {"failed", counts.failed},
               {"not_permitted", counts.not_permitted},
               {"left_alone", counts.left_alone},
               {"postponed", postponed},
               {"open", bridge.open()}});
    } else {
        say("done {}, failed {}, not permitted {}; {} wait, {} of them for an error\n", counts.done,
            counts.failed, counts.not_permitted, bridge.open(), postponed);
    }
    return all ? 0 : 1;
}

int follow(const Commands& commands, const BridgeOptions& options) {
    BridgedDepot depot(commands.depot, commands.cells);
    auto lock = bridge::try_lock(depot.files);
    if (!lock) throw core::Error("another process follows RT for this depot");
    Assembly assembly(depot, *std::move(lock));
    if (options.once) return pass_once(commands, assembly);
    assembly.follow();
    return 0;
}

/// Refuses what there is nothing to try for.
void check_retry(const BridgedDepot& depot, rt::TicketId ticket) {
    const auto state = bridge::StateFile(depot.files.state()).load();
    if (state && bridge::can_retry(*state, ticket)) return;
    const bool is_there = !connect(depot.configuration).ticket(ticket).deleted;
    throw core::Refused(core::reason::nothing_to_do,
                        is_there
                            ? fmt::format("ticket {} has no request that failed or waits", ticket)
                            : fmt::format("RT has no ticket {}, or it was deleted", ticket));
}

int retry(const Commands& commands, const BridgeOptions& options) {
    BridgedDepot depot(commands.depot, commands.cells);
    auto lock = bridge::try_lock(depot.files);
    check_retry(depot, options.ticket);
    if (lock) {
        Assembly assembly(depot, *std::move(lock));
        assembly.bridge().retry(options.ticket);
        return pass_once(commands, assembly);
    }
    bridge::ask_for_retry(depot.files, options.ticket);
    commands.done = "the ticket was noted";
    if (commands.json) {
        print({{"ticket", options.ticket}, {"noted", true}});
    } else {
        say("the running bridge will try ticket {} again\n", options.ticket);
    }
    return 0;
}

/// The bridge may run meanwhile.
int forget_source(const Commands& commands, const BridgeOptions& options) {
    const command_line::Program program(commands.depot, commands.cells);
    const bridge::Files files = bridge::files_of(program.depot.layout);
    const std::size_t forgotten = fetch::SeenSources(files.sources()).forget(options.source);
    if (forgotten == 0) {
        throw core::Refused(core::reason::nothing_to_do,
                            "nothing is remembered of " + core::escaped(options.source));
    }
    commands.done = "the source was forgotten";
    if (commands.json) {
        print({{"source", options.source}, {"forgotten", forgotten}});
    } else {
        say("forgot what was seen of {}; what it offers next is taken, however old\n",
            core::escaped(options.source));
    }
    return 0;
}

}  // namespace

void add_bridge(Commands& commands) {
    const auto options = std::make_shared<BridgeOptions>();
    CLI::App& command = commands.add(
        "bridge",
        "Follow Request Tracker: do what tickets ask for, and tell them what came of it.\n"
        "The table [bridge] of sluice.toml says where RT is and who may ask for what");
    command.add_flag("--once", options->once, "look once, do what there is to do, and end");
    CLI::App& again = *command.add_subcommand(
        "retry", "Try again what failed for a ticket, or was postponed, without waiting");
    constexpr rt::TicketId largest = 0x7fffffff;  // RT's numbers have 32 bits
    again.add_option("TICKET", options->ticket, "number of the ticket")
        ->required()
        ->transform(command_line::number_of("a ticket", largest));
    again.fallthrough();
    CLI::App& forget = *command.add_subcommand(
        "forget-source",
        "Take from a repository again though it was set back: how new it was is forgotten");
    forget.add_option("URL", options->source, "of the repository, as its refusal names it")
        ->required();
    forget.fallthrough();
    command.callback([&commands, options, &again, &forget] {
        const auto chosen = forget.parsed() ? forget_source : again.parsed() ? retry : follow;
        commands.action = [&commands, options, chosen] { return chosen(commands, *options); };
    });
}

}  // namespace sluice
