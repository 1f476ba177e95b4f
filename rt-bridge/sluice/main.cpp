// SPDX-License-Identifier: GPL-3.0-or-later
// sluice: all commands, put together.
#include <csignal>
#include <cstdlib>
#include <malloc.h>
#include <sys/stat.h>

#include "core/system/files.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/fetch/index_cell.hpp"
#include "rt-bridge/sluice/bridge_command.hpp"

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unknown"
#endif

namespace sluice {
namespace {

// Shards of four repositories that are written at a time, and the rest.
constexpr int open_files = 1024;

/// Buffers of some megabytes come and go; to have each mapped anew costs more than to fill it.
void keep_freed_memory() {
    constexpr int largest_kept = 32 << 20;  // glibc's own limit
    constexpr int most_kept = 64 << 20;
    ::mallopt(M_MMAP_THRESHOLD, largest_kept);
    ::mallopt(M_TRIM_THRESHOLD, most_kept);
}

void prepare_process() {
    // A reader that goes away (`sluice list | head`) is an error to report (EPIPE), not a reason to
    // die between two steps.
    std::signal(SIGPIPE, SIG_IGN);
    // What is published can be read by the web server and written by nobody else, whoever runs us;
    // what is secret is made with a mode of its own.
    ::umask(S_IWGRP | S_IWOTH);
    command_line::occupy_standard_files();
    core::expect_open_files(open_files);
    keep_freed_memory();
}

std::filesystem::path depot_of_environment() {
    const char* named = std::getenv("SLUICE_DEPOT");
    return named == nullptr ? "" : named;
}

core::CellTasks cell_tasks() {
    core::CellTasks tasks = command_line::cell_tasks();
    tasks.emplace("index", fetch::index_task());
    return tasks;
}

int main_of(int argument_count, char** arguments) {
    prepare_process();
    // The server that makes cells is what this process was before it knew anything.
    const core::Cells cells(cell_tasks());
    CLI::App application(
        "Releases software from one stage to the next, each a signed yum and apt "
        "repository.",
        "sluice");
    application.set_version_flag("--version", "sluice " SLUICE_VERSION);
    application.require_subcommand(1);
    application.footer(
        "Exit status: 0 done, 1 error, 2 wrong usage, 3 refused, 4 done, but that could not be "
        "told\n"
        "or the disk has not confirmed it; in all cases but 0 and 4 nothing was changed, but for\n"
        "what gc had removed before it failed.");
    std::string done;
    command_line::Commands commands{application, cells, done, depot_of_environment(), false, {}};
    commands.depot_was_named = !commands.depot.empty();
    if (!commands.depot_was_named) commands.depot = ".";
    add_init(commands);
    add_check(commands);
    add_admit(commands);
    add_moves(commands);
    add_listings(commands);
    add_client(commands);
    add_provider(commands);
    add_maintenance(commands);
    add_serve(commands);
    add_bridge(commands);
    return run(commands, argument_count, arguments);
}

}  // namespace
}  // namespace sluice

int main(int argument_count, char** arguments) {
    return sluice::main_of(argument_count, arguments);
}
