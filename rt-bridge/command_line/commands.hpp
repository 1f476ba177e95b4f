// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of `sluice`. Each function adds one or a few to the command line; the chosen one
// sets `Commands::action`, which run() calls once everything was parsed.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/work/operations.hpp"

namespace command_line {

struct Commands {
    CLI::App& application;
    const core::Cells& cells;
    std::string& done;  // what has been done and stays, whatever fails now: "operation 7 is done"
    std::filesystem::path depot;
    bool json = false;
    std::function<int()> action;
    bool depot_was_named = false;  // by SLUICE_DEPOT or --depot; else it is where we are

    /// A subcommand with the options that all commands have.
    CLI::App& add(const std::string& name, const std::string& description);
    CLI::App& add_below(CLI::App& parent, const std::string& name, const std::string& description);
};

/// The one who runs the program: SUDO_USER, USER, or the name of the user id.
std::string default_requester();

/// The options of every command that changes something. Lives as long as the parsed command line.
struct ChangeOptions {
    core::Asked asked;

    void add_to(CLI::App& command);
};

/// Takes the number of `what` as people write it, 1 to `largest`: in decimal digits, with zeros in
/// front or without, where CLI11 would take 010 for eight and -1 for a very large one.
std::function<std::string(std::string)> number_of(std::string what, std::uint64_t largest);

void add_init(Commands& commands);
void add_check(Commands& commands);
void add_admit(Commands& commands);
void add_moves(Commands& commands);        // promote, reject, deprecate, rollback, refresh
void add_listings(Commands& commands);     // list, show, history, status
void add_maintenance(Commands& commands);  // verify, gc
void add_client(Commands& commands);
void add_provider(Commands& commands);
void add_serve(Commands& commands);

/// From here on a failure is one after the operation. Does nothing after a dry run.
void note_done(const Commands& commands, const core::Outcome& outcome);

/// Says what an operation did or would do.
void print_outcome(const Commands& commands, const core::Outcome& outcome);

/// Parses the command line and does what the chosen command does. Returns the exit status.
int run(Commands& commands, int argument_count, char** arguments);

inline constexpr int usage_status = 2;
inline constexpr int refused_status = 3;

}  // namespace command_line
