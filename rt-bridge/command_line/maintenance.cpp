// SPDX-License-Identifier: GPL-3.0-or-later
// verify and gc: is everything as it should be, and what is not needed any more.
#include <algorithm>
#include <iterator>

#include "core/audit/auditor.hpp"
#include "core/audit/mode_audit.hpp"
#include "core/model/text.hpp"
#include "core/work/collector.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

int verify(const Commands& commands) {
    Program program(commands.depot, commands.cells);
    const core::Lock lock = core::begin_writing(program.depot, program.clock());
    std::unique_ptr<FormatSet> fresh;
    auto findings = core::audit(
        program.depot, program.collaborators(), [&](const std::filesystem::path& cache) {
            fresh =
                std::make_unique<FormatSet>(core::Cache(cache), program.depot.pool, commands.cells);
            return fresh->formats();
        });
    std::ranges::move(core::audit_modes(program.depot), std::back_inserter(findings));
    if (commands.json) {
        Json problems = Json::array();
        for (const core::Finding& finding : findings) {
            problems.push_back({{"path", finding.path}, {"message", finding.message}});
        }
        print({{"problems", problems}});
    } else if (findings.empty()) {
        say("Everything is as it should be.\n");
    } else {
        for (const core::Finding& finding : findings) {
            say("{}: {}\n", core::escaped(finding.path), core::escaped(finding.message));
        }
        say("{}\n", counted(findings.size(), "problem"));
    }
    return findings.empty() ? 0 : 1;
}

int collect(const Commands& commands, bool dry_run) {
    Program program(commands.depot, commands.cells);
    const core::Lock lock = core::begin_writing(program.depot, program.clock());
    const core::Collected collected =
        core::collect(program.depot, program.formats(), program.clock().now(), dry_run);
    if (!dry_run) commands.done = "what is not needed any more was removed";
    if (commands.json) {
        print({{"dry_run", dry_run},
               {"generations", collected.generations},
               {"metadata", collected.metadata},
               {"packages", collected.packages},
               {"repositories", collected.repositories},
               {"pool_files", collected.pool_files}});
    } else {
        say("{}: {}, {}, {}, {}, {}\n", dry_run ? "would be collected" : "collected",
            counted(collected.generations, "generation"),
            counted(collected.metadata, "metadata file"),
            counted(collected.packages, "package link"),
            counted(collected.repositories, "release directory"),
            counted(collected.pool_files, "pool file"));
    }
    return 0;
}

}  // namespace

void add_maintenance(Commands& commands) {
    CLI::App& verify_command = commands.add(
        "verify",
        "Read everything again and report each deviation by path; status 1 if there is any");
    verify_command.callback(
        [&commands] { commands.action = [&commands] { return verify(commands); }; });

    const auto dry_run = std::make_shared<bool>(false);
    CLI::App& gc_command = commands.add(
        "gc", "Remove what no client can need any more, after the configured grace times");
    gc_command.add_flag("--dry-run", *dry_run, "only count");
    gc_command.callback([&commands, dry_run] {
        commands.action = [&commands, dry_run] { return collect(commands, *dry_run); };
    });
}

}  // namespace command_line
