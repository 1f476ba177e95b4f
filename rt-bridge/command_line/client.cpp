// SPDX-License-Identifier: GPL-3.0-or-later
// client: the file a site installs to use a stage.
#include <algorithm>
#include <fmt/format.h>

#include "core/reason.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

struct ClientOptions {
    std::string stage;
    std::string platform;
    std::string line;
    std::string release;
};

/// Refuses what would print addresses at which nothing is.
void check_published(const core::Depot& depot, const core::Repository& repository) {
    const core::State state = depot.state();
    if (!repository.release.empty()) {
        const auto stands = state.standing.find(repository.release);
        const std::string stage = stands == state.standing.end() ? std::string() : stands->second;
        if (stage != repository.stage || stage != depot.configuration.entry_stage().name) {
            throw core::Refused(
                core::reason::wrong_stage,
                fmt::format("a release has a repository of its own only while it stands in {}; {} "
                            "stands in {}",
                            depot.configuration.entry_stage().name, repository.release,
                            stage.empty() ? "no stage" : stage),
                stage.empty() ? "" : "`sluice client " + stage + "` is for the whole stage");
        }
    }
    const bool published = std::ranges::any_of(state.repositories, [&](const auto& entry) {
        core::Repository one = entry.second.repository;
        one.tree = repository.tree;
        return one == repository;
    });
    if (published) return;
    throw core::Refused(core::reason::unknown_platform,
                        fmt::format("nothing is published at {}", repository.path()),
                        repository.release.empty()
                            ? "after a change of the configuration run `sluice refresh`"
                            : "the release has no packages for " + repository.platform);
}

int client(const Commands& commands, const ClientOptions& options) {
    Program program(commands.depot);
    const core::Configuration& configuration = program.depot.configuration;
    core::Repository repository;
    repository.stage = configuration.stage(options.stage).name;
    repository.line = options.line.empty() ? configuration.lines.front().name
                                           : configuration.line(options.line).name;
    if (!options.release.empty()) {
        const core::Release release = program.depot.records.load(options.release);
        repository.release = release.id;
        repository.line = release.line;
    }
    if (options.platform.empty() && configuration.platforms.size() > 1) {
        std::string names;
        for (const core::Platform& platform : configuration.platforms) names += " " + platform.name;
        throw core::Refused(core::reason::unknown_platform, "say for which platform",
                            "--platform, one of:" + names);
    }
    repository.platform = options.platform.empty() ? configuration.platforms.front().name
                                                   : configuration.platform(options.platform).name;
    check_published(program.depot, repository);
    const core::ClientFiles files = program.client_files();
    const std::string text = files.text(repository);
    if (commands.json) {
        print({{"file", files.file_name(repository)},
               {"url", files.file_url(repository)},
               {"repository_url", files.url(repository)},
               {"text", text}});
    } else {
        fmt::print("{}", text);
    }
    return 0;
}

}  // namespace

void add_client(Commands& commands) {
    const auto options = std::make_shared<ClientOptions>();
    CLI::App& command =
        commands.add("client", "Print the .repo or .sources file with which a site uses a stage");
    command.add_option("STAGE", options->stage, "stage")->required();
    command.add_option("--platform", options->platform, "platform, as in sluice.toml");
    command.add_option("--line", options->line, "line; the first one if not given");
    command.add_option("--release", options->release,
                       "only this release, from its own repository in the entry stage");
    command.callback([&commands, options] {
        commands.action = [&commands, options] { return client(commands, *options); };
    });
}

}  // namespace command_line
