// SPDX-License-Identifier: GPL-3.0-or-later
// promote, reject, deprecate, rollback, refresh: the operations that move what was admitted.
#include <fmt/format.h>

#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

void add_promote(Commands& commands) {
    struct Options : ChangeOptions {
        core::Promotion promotion;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command =
        commands.add("promote", "Move releases to the next stage, all in one commit");
    core::Promotion& promotion = options->promotion;
    command.add_option("RELEASE", promotion.releases, "release ids, as `sluice list` shows them")
        ->required();
    command.add_option("--to", promotion.to, "stage to move to: stage-rollout, production")
        ->required();
    command.add_flag("--allow-downgrade", promotion.allow_downgrade,
                     "publish packages older than what the stage has");
    command.add_flag("--emergency", promotion.emergency,
                     "grant an emergency: from unverified straight to production");
    command
        .add_option("--waive-key", promotion.waived_keys,
                    "let packages pass whose key, of this fingerprint, was removed or revoked, "
                    "or has expired, since they were admitted")
        ->type_name("FINGERPRINT")
        ->allow_extra_args(false);
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] {
            Program program(commands.depot, commands.cells);
            print_outcome(commands,
                          program.operations().promote(options->promotion, options->asked));
            return 0;
        };
    });
}

using MoveOne = core::Outcome (core::Operations::*)(const std::string&, const core::Asked&);

void add_move_of_one(Commands& commands, const std::string& name, const std::string& description,
                     MoveOne move) {
    struct Options : ChangeOptions {
        std::string release;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command = commands.add(name, description);
    command.add_option("RELEASE", options->release, "release id")->required();
    options->add_to(command);
    command.get_option("--reason")->required();
    command.callback([&commands, options, move] {
        commands.action = [&commands, options, move] {
            Program program(commands.depot, commands.cells);
            core::Operations operations = program.operations();
            print_outcome(commands, (operations.*move)(options->release, options->asked));
            return 0;
        };
    });
}

void add_rollback(Commands& commands) {
    struct Options : ChangeOptions {
        std::uint64_t to = 0;
        std::string stage;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command =
        commands.add("rollback",
                     "Publish an earlier standing of releases again, as a new generation.\n"
                     "Without --to the last moves are undone; rolling back a rollback redoes it");
    constexpr std::uint64_t largest = 1'000'000'000'000;
    command.add_option("--to", options->to, "generation whose standing to return to")
        ->transform(number_of("a generation", largest));
    command.add_option("--stage", options->stage, "only releases that enter or leave this stage");
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] {
            Program program(commands.depot, commands.cells);
            const auto to = options->to == 0 ? std::nullopt : std::optional(options->to);
            const auto stage =
                options->stage.empty() ? std::nullopt : std::optional(options->stage);
            print_outcome(commands, program.operations().rollback(to, stage, options->asked));
            return 0;
        };
    });
}

void add_refresh(Commands& commands) {
    struct Options : ChangeOptions {
        bool allow_loss = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& command = commands.add(
        "refresh", "Sign everything again with new dates; takes up a new key and configuration");
    command.add_flag("--allow-loss", options->allow_loss,
                     "carry out a change of sluice.toml though releases that stand lose packages "
                     "by it, or lack signatures");
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] {
            Program program(commands.depot, commands.cells);
            print_outcome(commands,
                          program.operations().refresh(options->asked, options->allow_loss));
            return 0;
        };
    });
}

}  // namespace

void add_moves(Commands& commands) {
    add_promote(commands);
    add_move_of_one(commands, "reject",
                    "Take a release out of unverified or stage-rollout; its record stays",
                    &core::Operations::reject);
    add_move_of_one(commands, "deprecate",
                    "Move a release from production to the archive, `deprecated`",
                    &core::Operations::deprecate);
    add_rollback(commands);
    add_refresh(commands);
}

void note_done(const Commands& commands, const core::Outcome& outcome) {
    if (outcome.done) {
        commands.done = fmt::format("operation {} is done", outcome.plan.operation.number);
    }
}

void print_outcome(const Commands& commands, const core::Outcome& outcome) {
    note_done(commands, outcome);
    if (commands.json) {
        print(json_of(outcome));
        return;
    }
    write_stderr(text_of(outcome.plan.warnings));
    const std::string_view verb = core::name(outcome.plan.operation.verb);
    if (outcome.done) {
        say("{}: generation {} is published\n{}", verb, outcome.state.generation,
            text_of(outcome.plan, false));
    } else {
        say("{}, dry run: nothing was changed; plan {}\n{}", verb,
            outcome.plan.hash().hex().substr(0, 16), text_of(outcome.plan, true));
    }
}

}  // namespace command_line
