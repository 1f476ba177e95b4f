// SPDX-License-Identifier: GPL-3.0-or-later
// sluice: parses the command line, runs one command, and turns failures into exit statuses:
// 0 done, 1 error, 2 usage, 3 refused.
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <malloc.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/report.hpp"

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unknown"
#endif

namespace command_line {
namespace {

constexpr int error_status = 1;
constexpr int usage_status = 2;

// Shards of four repositories that are written at a time, and the rest.
constexpr int open_files = 1024;

/// Buffers of some megabytes come and go; to have each mapped anew costs more than to fill it.
void keep_freed_memory() {
    constexpr int largest_kept = 32 << 20;  // glibc's own limit
    constexpr int most_kept = 64 << 20;
    ::mallopt(M_MMAP_THRESHOLD, largest_kept);
    ::mallopt(M_TRIM_THRESHOLD, most_kept);
}

int run(const Commands& commands) {
    try {
        return commands.action();
    } catch (const core::Refused& refused) {
        if (commands.json) print(json_of(refused));
        fmt::print(stderr, "{}", text_of(refused));
        return refused_status;
    } catch (const std::exception& error) {
        if (commands.json) print({{"error", "failed"}, {"message", error.what()}});
        fmt::print(stderr, "sluice: {}\n", core::escaped(error.what()));
        return error_status;
    }
}

int main_of(int argument_count, char** arguments) {
    // A reader that goes away (`sluice list | head`) is an error to report, not a reason to die
    // between two steps.
    std::signal(SIGPIPE, SIG_IGN);
    core::expect_open_files(open_files);
    keep_freed_memory();
    CLI::App application(
        "Releases software from one stage to the next, each a signed yum and apt "
        "repository.",
        "sluice");
    application.set_version_flag("--version", "sluice " SLUICE_VERSION);
    application.require_subcommand(1);
    const char* depot = std::getenv("SLUICE_DEPOT");
    Commands commands{application, depot == nullptr ? "." : depot, false, {}};
    add_init(commands);
    add_check(commands);
    add_admit(commands);
    add_moves(commands);
    add_listings(commands);
    add_client(commands);
    add_maintenance(commands);
    add_serve(commands);
    add_bridge(commands);
    try {
        application.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return application.exit(error) == 0 ? 0 : usage_status;
    }
    return run(commands);
}

}  // namespace
}  // namespace command_line

int main(int argument_count, char** arguments) {
    return command_line::main_of(argument_count, arguments);
}
