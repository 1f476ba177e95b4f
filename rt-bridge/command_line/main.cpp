// SPDX-License-Identifier: GPL-3.0-or-later
// sluice: parses the command line, runs one command, and turns failures into exit statuses:
// 0 done, 1 error, 2 usage, 3 refused, 4 done, but that could not be told or is not certain.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/report.hpp"

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unknown"
#endif

namespace command_line {
namespace {

constexpr int error_status = 1;
constexpr int unconfirmed_status = 4;

// Shards of four repositories that are written at a time, and the rest.
constexpr int open_files = 1024;

/// Buffers of some megabytes come and go; to have each mapped anew costs more than to fill it.
void keep_freed_memory() {
    constexpr int largest_kept = 32 << 20;  // glibc's own limit
    constexpr int most_kept = 64 << 20;
    ::mallopt(M_MMAP_THRESHOLD, largest_kept);
    ::mallopt(M_TRIM_THRESHOLD, most_kept);
}

/// With --json the answer is an object here too, unless it is standard output that failed.
void answer(const Commands& commands, const Json& json) {
    if (!commands.json || std::ferror(stdout) != 0) return;
    try {
        print(json);
        flush_output();
    } catch (const std::exception& error) {
        say(fmt::format("sluice: {}\n", core::escaped(error.what())));
    }
}

int failed(const Commands& commands, const std::string& what) {
    if (!commands.done.empty()) {
        const std::string text = commands.done + ", but now: " + what;
        say(fmt::format("sluice: {}\n", core::escaped(text)));
        answer(commands, {{"error", "unconfirmed"}, {"done", true}, {"message", text}});
        return unconfirmed_status;
    }
    say(fmt::format("sluice: {}\n", core::escaped(what)));
    answer(commands, {{"error", "failed"}, {"message", what}});
    return error_status;
}

int unconfirmed(const Commands& commands, const core::Unconfirmed& error) {
    say(fmt::format("sluice: {}\n", core::escaped(error.what())));
    answer(commands, {{"error", "unconfirmed"},
                      {"done", true},
                      {"operation", error.operation()},
                      {"message", error.what()}});
    return unconfirmed_status;
}

int refused(const Commands& commands, const core::Refused& refusal) {
    say(text_of(refusal));
    answer(commands, json_of(refusal));
    return refused_status;
}

int run(const Commands& commands) {
    try {
        const int status = commands.action();
        flush_output();
        return status;
    } catch (const core::Unconfirmed& error) {
        return unconfirmed(commands, error);
    } catch (const core::Refused& refusal) {
        return commands.done.empty() ? refused(commands, refusal)
                                     : failed(commands, refusal.what());
    } catch (const std::exception& error) {
        return failed(commands, error.what());
    }
}

/// What --help and --version print, or what is wrong with the command line.
int without_command(const CLI::App& application, const CLI::ParseError& error) {
    const int status = application.exit(error);
    try {
        flush_output();
    } catch (const core::Error& failure) {
        say(fmt::format("sluice: {}\n", failure.what()));
        return error_status;
    }
    return status == 0 ? 0 : usage_status;
}

/// A variable of a script that is not set: what would be meant without it may be much more.
void refuse_empty_values(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& value : option->results()) {
            if (value.empty()) throw CLI::ValidationError(option->get_name(), "the value is empty");
        }
    }
    for (const CLI::App* below : command.get_subcommands()) refuse_empty_values(*below);
}

std::filesystem::path depot_of_environment() {
    const char* named = std::getenv("SLUICE_DEPOT");
    return named == nullptr ? "" : named;
}

int main_of(int argument_count, char** arguments) {
    // A reader that goes away (`sluice list | head`) is an error to report, not a reason to die
    // between two steps.
    std::signal(SIGPIPE, SIG_IGN);
    // What is published can be read by the web server and written by nobody else, whoever runs us;
    // what is secret is made with a mode of its own.
    ::umask(S_IWGRP | S_IWOTH);
    occupy_standard_files();
    core::expect_open_files(open_files);
    keep_freed_memory();
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
    Commands commands{application, done, depot_of_environment(), false, {}};
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
    try {
        application.parse(argument_count, arguments);
        refuse_empty_values(application);
    } catch (const CLI::ParseError& error) {
        return without_command(application, error);
    }
    return run(commands);
}

}  // namespace
}  // namespace command_line

int main(int argument_count, char** arguments) {
    return command_line::main_of(argument_count, arguments);
}
