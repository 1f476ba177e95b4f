// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one command, and turns failures into exit statuses: 0 done, 1 error, 2 usage, 3 refused,
// 4 done, but that could not be told or is not certain.
#include <cstdio>
#include <fmt/format.h>
#include <sstream>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

constexpr int error_status = 1;
constexpr int unconfirmed_status = 4;

/// With --json the answer is an object here too, unless it is standard output that failed.
void answer(const Commands& commands, const Json& json) {
    if (!commands.json || std::ferror(stdout) != 0) return;
    try {
        print(json);
        flush_output();
    } catch (const std::exception& error) {
        write_stderr(fmt::format("sluice: {}\n", core::escaped(error.what())));
    }
}

int failed(const Commands& commands, const std::string& what) {
    if (!commands.done.empty()) {
        const std::string text = commands.done + ", but now: " + what;
        write_stderr(fmt::format("sluice: {}\n", core::escaped(text)));
        answer(commands, {{"error", "unconfirmed"}, {"done", true}, {"message", text}});
        return unconfirmed_status;
    }
    write_stderr(fmt::format("sluice: {}\n", core::escaped(what)));
    answer(commands, {{"error", "failed"}, {"message", what}});
    return error_status;
}

int unconfirmed(const Commands& commands, const core::Unconfirmed& error) {
    write_stderr(fmt::format("sluice: {}\n", core::escaped(error.what())));
    answer(commands, {{"error", "unconfirmed"},
                      {"done", true},
                      {"operation", error.operation()},
                      {"message", error.what()}});
    return unconfirmed_status;
}

int refused(const Commands& commands, const core::Refused& refusal) {
    write_stderr(text_of(refusal));
    answer(commands, json_of(refusal));
    return refused_status;
}

int act(const Commands& commands) {
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
    std::ostringstream out, err;
    const int status = application.exit(error, out, err);
    write_stdout(out.str());
    write_stderr(err.str());
    try {
        flush_output();
    } catch (const core::Error& failure) {
        write_stderr(fmt::format("sluice: {}\n", failure.what()));
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

}  // namespace

int run(Commands& commands, int argument_count, char** arguments) {
    try {
        commands.application.parse(argument_count, arguments);
        refuse_empty_values(commands.application);
    } catch (const CLI::ParseError& error) {
        return without_command(commands.application, error);
    }
    return act(commands);
}

}  // namespace command_line
