// SPDX-License-Identifier: GPL-3.0-or-later
// list, show, history, status: what stands where, and how it came to. None of them reads packages.
#include <algorithm>
#include <fmt/format.h>

#include "core/model/digest.hpp"
#include "core/model/text.hpp"
#include "core/work/addresses.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/owners.hpp"
#include "core/work/status.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

using core::escaped;

const core::Move* move_of(const core::Operation& operation, const std::string& release) {
    for (const core::Move& move : operation.moves) {
        if (move.release == release) return &move;
    }
    return nullptr;
}

/// The last operation that moved each release.
std::map<std::string, core::CommittedOperation> last_moves(const core::Depot& depot) {
    std::map<std::string, core::CommittedOperation> last;
    for (const core::CommittedOperation& one : core::committed(depot.ledger.read())) {
        for (const core::Move& move : one.operation.moves) last.insert_or_assign(move.release, one);
    }
    return last;
}

int list(const Commands& commands, const std::string& stage, bool all) {
    const Program program(commands.depot, commands.cells);
    if (!stage.empty()) program.depot.configuration.stage(stage);
    const core::Standing standing = program.depot.state().standing;
    const auto last = last_moves(program.depot);
    std::vector<std::string> ids;
    for (const auto& [release, where] : standing) {
        if (stage.empty() || where == stage) ids.push_back(release);
    }
    if (all) {
        for (const std::string& id : program.depot.records.ids()) {
            if (!standing.contains(id)) ids.push_back(id);
        }
    }
    Json json = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const std::string& id : ids) {
        const auto where = standing.find(id);
        const std::string place = where == standing.end() ? "" : where->second;
        const auto moved = last.find(id);
        const std::string since = moved == last.end() ? "" : core::format_time(moved->second.time);
        const std::string by = moved == last.end() ? "" : moved->second.operation.by;
        json.push_back({{"release", id}, {"stage", place}, {"since", since}, {"by", by}});
        rows.push_back({id, place.empty() ? "-" : place, since, by});
    }
    if (commands.json) {
        print({{"releases", json}});
    } else if (rows.empty()) {
        say("No release stands {}.\n", stage.empty() ? "anywhere" : "in " + stage);
    } else {
        say("{}", table({"RELEASE", "STAGE", "SINCE", "BY"}, rows));
    }
    return 0;
}

Json history_json(const std::vector<core::CommittedOperation>& operations) {
    Json json = Json::array();
    for (const auto& [operation, time] : operations) {
        Json moves = Json::array();
        for (const core::Move& move : operation.moves) {
            moves.push_back({{"release", move.release}, {"from", move.from}, {"to", move.to}});
        }
        json.push_back({{"operation", operation.number},
                        {"time", core::format_time(time)},
                        {"verb", core::name(operation.verb)},
                        {"by", operation.by},
                        {"reason", operation.reason},
                        {"cause", operation.cause},
                        {"waived_keys", operation.waived_keys},
                        {"warnings", operation.warnings},
                        {"configuration_changes", operation.configuration_changes},
                        {"moves", moves},
                        {"claims", operation.claims}});
    }
    return json;
}

std::string history_text(const std::vector<core::CommittedOperation>& operations) {
    std::vector<std::vector<std::string>> rows, changes;
    for (const auto& [operation, time] : operations) {
        for (const std::string& change : operation.configuration_changes) {
            changes.push_back({std::to_string(operation.number), change});
        }
        std::vector<std::string> moves;
        for (const core::Move& move : operation.moves) {
            moves.push_back(move.release + " -> " + (move.to.empty() ? "nowhere" : move.to));
        }
        for (const auto& [name, provider] : operation.claims) {
            moves.push_back(name + " -> " + provider);
        }
        rows.push_back({std::to_string(operation.number), core::format_time(time),
                        std::string(core::name(operation.verb)), operation.by,
                        core::join(moves, ", "), operation.reason,
                        core::join(operation.waived_keys, ", ")});
    }
    std::string text =
        table({"OPERATION", "TIME", "WHAT", "BY", "MOVES", "REASON", "WAIVED KEYS"}, rows);
    if (!changes.empty()) text += "\n" + table({"OPERATION", "CHANGED CONFIGURATION"}, changes);
    return text;
}

std::vector<core::CommittedOperation> operations_of(const core::Depot& depot,
                                                    const std::string& release) {
    auto operations = core::committed(depot.ledger.read());
    if (!release.empty()) {
        std::erase_if(operations, [&](const core::CommittedOperation& one) {
            return move_of(one.operation, release) == nullptr;
        });
    }
    return operations;
}

int history(const Commands& commands, const std::string& release) {
    const Program program(commands.depot, commands.cells);
    const auto operations = operations_of(program.depot, release);
    if (!release.empty() && operations.empty()) core::requested_release(program.depot, release);
    if (commands.json) {
        print({{"operations", history_json(operations)}});
    } else {
        say("{}", history_text(operations));
    }
    return 0;
}

std::string show_text(const core::Release& release, const std::string& stage,
                      const std::string& url,
                      const std::vector<core::CommittedOperation>& operations) {
    std::string text =
        fmt::format("{}: {} {} in line {}\nstage:     {}\n", release.id, escaped(release.product),
                    escaped(release.version), release.line, stage.empty() ? "none" : stage);
    if (!url.empty()) text += "URL:       " + url + "\n";
    text += fmt::format("admitted:  {} by {} (operation {}){}\n",
                        core::format_time(release.admitted), escaped(release.by), release.operation,
                        release.emergency ? ", flagged emergency" : "");
    if (!release.provider.empty()) text += "provider:  " + release.provider + "\n";
    std::vector<std::vector<std::string>> packages;
    for (const core::Package& package : release.packages) {
        packages.push_back({package.name, package.full_version(), package.architecture,
                            package.platform, package.digest.hex().substr(0, 16)});
    }
    text += "\n" + table({"PACKAGE", "VERSION", "ARCH", "PLATFORM", "SHA-256"}, packages);
    std::vector<std::vector<std::string>> fields;
    for (const core::DescriptorField& field : release.descriptor.fields) {
        fields.push_back({field.path, field.value});
    }
    if (!fields.empty()) {
        text += fmt::format("\nDescriptor, revision {}:\n{}", release.descriptor.revision,
                            table({"FIELD", "VALUE"}, fields));
    }
    if (!release.warnings.empty()) text += "\n" + text_of(release.warnings);
    return text + "\n" + history_text(operations);
}

int show(const Commands& commands, const std::string& id) {
    const Program program(commands.depot, commands.cells);
    const core::Release release = core::requested_release(program.depot, id);
    const core::State state = program.depot.state();
    const auto found = state.standing.find(id);
    const std::string stage = found == state.standing.end() ? "" : found->second;
    const auto operations = operations_of(program.depot, id);
    const core::Addresses addresses = core::addresses_of(program.depot, state);
    const std::string url = addresses.release(release, state);
    Json client_files = Json::array();
    for (const core::Repository& place : core::published_places(release, state)) {
        client_files.push_back(addresses.client_file(place, program.formats()));
    }
    if (commands.json) {
        Json json = Json::parse(core::to_json(release));
        json["stage"] = stage;
        json["url"] = url;
        json["client_files"] = client_files;
        json["operations"] = history_json(operations);
        print(json);
    } else {
        say("{}", show_text(release, stage, url, operations));
    }
    return 0;
}

core::DepotKey depot_key(Program& program, core::Time now) {
    try {
        const signing::KeyDescription key = program.signer().key();
        core::DepotKey result{key.fingerprint(), key.unusable(now), key.usable_until(), {}};
        if (result.unusable.empty()) result.text = core::sha256(program.signer().public_key());
        return result;
    } catch (const core::Error& error) {
        return {program.depot.configuration.signing_key, error.what(), {}, {}};
    }
}

/// Adds what is to be said of `where`; that it cannot be read is a problem as well.
template <class Look>
void look_at(core::Report& report, const std::string& where, Look&& look) {
    try {
        std::ranges::move(look(), std::back_inserter(report));
    } catch (const core::Error& error) {
        core::Problem problem;
        problem.where = where;
        problem.message = error.what();
        report.push_back(std::move(problem));
    }
}

core::Report judge_keys(const Program& program, const core::Standing& standing,
                        const core::KeyRule& rule) {
    core::Report report = core::judge_standing(program.depot, program.formats(), standing, rule);
    std::ranges::move(core::judge_provider_keys(rule.known, rule.now), std::back_inserter(report));
    std::ranges::move(core::missing_key_files(program.depot.configuration.providers, rule.known),
                      std::back_inserter(report));
    return report;
}

core::Status status_of(Program& program, const core::State& state, const core::DepotKey& key) {
    const core::Time now = program.clock().now();
    std::optional<core::ProviderKeys> keys;
    core::ConfigurationFindings changes;
    core::Report report = core::missing_records(program.depot, state.standing);
    look_at(report, "provider-keys", [&] {
        keys = program.provider_keys();
        return judge_keys(program, state.standing, {*keys, now, {}});
    });
    look_at(report, "sluice.toml", [&] {
        changes = core::configuration_findings(program.depot, program.formats(), state,
                                               keys ? &*keys : nullptr);
        return core::Report();
    });
    return core::status_of(state, program.depot.configuration, key, report, changes, now);
}

Json described(const core::Status& status, const Program& program, const core::DepotKey& key,
               const std::string& remark) {
    return {{"depot", program.depot.layout.root.string()},
            {"public_url", program.depot.configuration.public_url},
            {"generation", status.generation},
            {"date", core::format_time(status.date)},
            {"valid_until", status.valid_until ? core::format_time(*status.valid_until) : ""},
            {"key", key.fingerprint},
            {"releases", status.releases},
            {"repositories", status.repositories},
            {"providers", program.depot.configuration.providers.size()},
            {"providers_remark", remark},
            {"problems", status.problems},
            {"warnings", status.warnings}};
}

void print_status(const core::Status& status, const Program& program, const core::DepotKey& key,
                  const std::string& remark) {
    const std::size_t providers = program.depot.configuration.providers.size();
    say("depot:        {}\n", program.depot.layout.root.string());
    if (status.valid_until) {
        say("generation:   {} of {}\nvalid until:  {}\n", status.generation,
            core::format_time(status.date), core::format_time(*status.valid_until));
    }
    say("key:          {}\nrepositories: {}\n", key.fingerprint, status.repositories);
    say("providers:    {}\n", providers == 0 ? remark : std::to_string(providers));
    for (const core::Stage& stage : program.depot.configuration.stages) {
        say("{:13} {}\n", stage.name + ":", counted(status.releases.at(stage.name), "release"));
    }
    for (const std::string& problem : status.problems) say("problem: {}\n", escaped(problem));
    for (const std::string& warning : status.warnings) say("warning: {}\n", escaped(warning));
}

/// Whether packages can be read, and behind which fences.
void add_cells(const core::Cells& cells, core::Status& status) {
    try {
        if (std::string remark = cells.remark(); !remark.empty()) {
            status.warnings.push_back(std::move(remark));
        }
    } catch (const core::Error& error) {
        status.problems.push_back(std::string("no package can be read: ") + error.what());
    }
}

int status(const Commands& commands) {
    Program program(commands.depot, commands.cells);
    const core::State state = program.depot.state();
    const core::DepotKey key = depot_key(program, program.clock().now());
    core::Status status = status_of(program, state, key);
    const core::Providers& providers = program.depot.configuration.providers;
    const std::string remark = core::remark_on_providers(
        providers, providers.empty() ? core::Owners() : core::owners_of(program.depot));
    if (!providers.empty() && !remark.empty()) status.warnings.push_back(remark);
    add_cells(commands.cells, status);
    if (commands.json) {
        print(described(status, program, key, remark));
    } else {
        print_status(status, program, key, remark);
    }
    return status.problems.empty() ? 0 : 1;
}

}  // namespace

void add_listings(Commands& commands) {
    const auto release = std::make_shared<std::string>();
    const auto stage = std::make_shared<std::string>();
    const auto all = std::make_shared<bool>(false);

    CLI::App& list_command = commands.add("list", "Show which release stands in which stage");
    list_command.add_option("--stage", *stage, "only this stage");
    list_command.add_flag("--all", *all, "also releases that stand nowhere: rejected, replaced");
    list_command.callback([&commands, stage, all] {
        commands.action = [&commands, stage, all] { return list(commands, *stage, *all); };
    });

    CLI::App& show_command = commands.add("show", "Show all that is known of a release");
    show_command.add_option("RELEASE", *release, "release id")->required();
    show_command.callback([&commands, release] {
        commands.action = [&commands, release] { return show(commands, *release); };
    });

    CLI::App& history_command =
        commands.add("history", "Show all operations, or those of a release");
    history_command.add_option("RELEASE", *release, "release id");
    history_command.callback([&commands, release] {
        commands.action = [&commands, release] { return history(commands, *release); };
    });

    CLI::App& status_command = commands.add(
        "status", "Show the depot at a glance, and what needs attention; status 1 if it is urgent");
    status_command.callback(
        [&commands] { commands.action = [&commands] { return status(commands); }; });
}

}  // namespace command_line
