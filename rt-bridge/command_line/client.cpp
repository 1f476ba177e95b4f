// SPDX-License-Identifier: GPL-3.0-or-later
// client: the file a site installs to use a stage, as it is published.
#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "core/work/addresses.hpp"
#include "core/work/configuration_change.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
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

template <class Named>
bool is_one_of(const std::vector<Named>& all, std::string_view name) {
    return std::ranges::find(all, name, &Named::name) != all.end();
}

/// The present configuration may have what is not published yet; what neither has is refused.
class PublishedNames {
  public:
    PublishedNames(const core::Configuration& published, const core::Configuration& now)
        : published_(published), now_(now) {}

    std::string stage(const std::string& name) const {
        return (is_one_of(published_.stages, name) ? published_ : now_).stage(name).name;
    }

    std::string line(const std::string& name) const {
        if (name.empty()) return published_.lines.front().name;
        return (is_one_of(published_.lines, name) ? published_ : now_).line(name).name;
    }

    std::string platform(const std::string& name) const {
        if (!name.empty()) {
            return (is_one_of(published_.platforms, name) ? published_ : now_).platform(name).name;
        }
        if (published_.platforms.size() == 1) return published_.platforms.front().name;
        std::string names;
        for (const core::Platform& platform : published_.platforms) names += " " + platform.name;
        throw core::Refused(core::reason::unknown_platform, "say for which platform",
                            "--platform, one of:" + names);
    }

  private:
    const core::Configuration& published_;
    const core::Configuration& now_;
};

/// One of those of its platform; null if there is none.
const core::PublishedRepository* find_published(const core::State& state,
                                                const core::Repository& repository) {
    const auto found = std::ranges::find_if(state.repositories, [&](const auto& entry) {
        core::Repository one = entry.second.repository;
        one.tree = repository.tree;
        return one == repository;
    });
    return found == state.repositories.end() ? nullptr : &found->second;
}

/// Refuses what would print addresses at which nothing is.
[[noreturn]] void refuse_unpublished(const core::Depot& depot, const core::State& state,
                                     const core::Configuration& published,
                                     const core::Repository& repository) {
    const std::string entry = published.entry_stage().name;
    const auto stands = state.standing.find(repository.release);
    const std::string stage = stands == state.standing.end() ? std::string() : stands->second;
    if (!repository.release.empty() && (stage != repository.stage || stage != entry)) {
        const std::string place =
            !stage.empty() ? stage
                           : "no stage" + core::departure_of(core::committed(depot.ledger.read()),
                                                             repository.release);
        throw core::Refused(
            core::reason::wrong_stage,
            fmt::format("a release has a repository of its own only while it stands in {}; {} "
                        "stands in {}",
                        entry, repository.release, place),
            stage.empty() ? "" : "`sluice client " + stage + "` is for the whole stage");
    }
    throw core::Refused(core::reason::unknown_platform,
                        fmt::format("nothing is published at {}", repository.path()),
                        repository.release.empty()
                            ? "after a change of the configuration run `sluice refresh`"
                            : "the release has no packages for " + repository.platform);
}

int client(const Commands& commands, const ClientOptions& options) {
    const Program program(commands.depot, commands.cells);
    const core::Depot& depot = program.depot;
    const core::State state = depot.state();
    const core::Configuration published = core::configuration_of(state, depot.configuration);
    const PublishedNames names(published, depot.configuration);
    core::Repository repository;
    repository.stage = names.stage(options.stage);
    repository.line = names.line(options.line);
    if (!options.release.empty()) {
        const core::Release release = core::requested_release(depot, options.release);
        repository.release = release.id;
        repository.line = release.line;
    }
    repository.platform = names.platform(options.platform);
    const core::PublishedRepository* const found = find_published(state, repository);
    if (found == nullptr) refuse_unpublished(depot, state, published, repository);
    const core::Addresses addresses(depot.layout, published);
    const std::string file = addresses.client_file_name(repository, program.formats());
    const std::string directory = core::client_directory(state, *found);
    const std::string text =
        core::read_file(depot.layout.generation(state.generation) / directory / file);
    if (commands.json) {
        print({{"file", file},
               {"url", addresses.client_file(repository, program.formats())},
               {"repository_url", addresses.repository(repository)},
               {"text", text}});
    } else {
        say("{}", text);
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
