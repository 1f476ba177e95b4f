// SPDX-License-Identifier: GPL-3.0-or-later
// admit: a bundle becomes a release in the entry stage. check: would it?
#include <algorithm>
#include <fmt/format.h>

#include "backends/bundle/descriptor_cell.hpp"
#include "backends/bundle/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/report.hpp"
#include "core/model/targets.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/addresses.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"
#include "rt-bridge/command_line/temporary_directory.hpp"

namespace command_line {
namespace fs = std::filesystem;
namespace {

struct Options : ChangeOptions {
    std::string bundle;
    std::string descriptor;
    core::Admission admission;
};

/// A descriptor of more than the parser takes is read so far that the parser refuses it.
std::string read_descriptor(const fs::path& file) {
    return core::read_file(file, bundle::largest_descriptor);
}

core::Bundle receive(const core::Cells& cells, const Options& options, const fs::path& scratch,
                     const core::BundleLimits& limits) {
    std::optional<bundle::GivenDescriptor> given;
    if (!options.descriptor.empty()) {
        given = {read_descriptor(options.descriptor), options.descriptor};
    }
    return bundle::read(cells, options.bundle, scratch, limits, given);
}

Json client_files(const Program& program, const core::Release& release) {
    const core::State state = program.depot.state();
    const core::Addresses addresses = core::addresses_of(program.depot, state);
    Json urls = Json::array();
    for (const core::Repository& place : core::published_places(release, state)) {
        urls.push_back(addresses.client_file(place, program.formats()));
    }
    return urls;
}

void say_already_admitted(const std::string& release) {
    say("{} was admitted before, with the same content: nothing to do\n", release);
}

int admit(const Commands& commands, const Options& options) {
    Program program(commands.depot, commands.cells);
    core::make_private_directory(program.depot.layout.work());
    const core::Scratch scratch(program.depot.layout.work());
    const core::Bundle bundle = receive(commands.cells, options, scratch.directory(),
                                        program.depot.configuration.bundle_limits);
    const auto admitted = program.operations().admit(bundle, options.admission, options.asked);
    if (admitted.outcome) note_done(commands, *admitted.outcome);
    const core::Release& release = admitted.release;
    const bool done = admitted.outcome && admitted.outcome->done;
    const Json urls = done ? client_files(program, release) : Json::array();
    if (commands.json) {
        Json json = admitted.outcome ? json_of(*admitted.outcome) : Json{{"done", false}};
        json["release"] = release.id;
        json["already_admitted"] = !admitted.outcome;
        json["warnings"] = json_of(admitted.warnings);
        json["client_files"] = urls;
        print(json);
        return 0;
    }
    write_stderr(text_of(admitted.warnings));
    if (!admitted.outcome) {
        say_already_admitted(release.id);
        return 0;
    }
    if (bundle.descriptor.dry_run) {
        say("the provider {} asks for a dry run\n", core::escaped(bundle.descriptor.provider));
    }
    print_outcome(commands, *admitted.outcome);
    if (done) {
        say("release {}: {}; sites try it with\n", release.id,
            counted(release.packages.size(), "package"));
        for (const Json& url : urls) say("  {}\n", url.get<std::string>());
    }
    return 0;
}

/// What is found out about a bundle that is not handed in yet.
struct Checked {
    core::Report report;
    std::string standing{};  // the same release, if it was admitted before
};

void say_checked(const Commands& commands, const Checked& checked, bool by_depot,
                 bool descriptor_alone) {
    const core::Report& report = checked.report;
    if (commands.json) {
        print({{"sound", !core::has_errors(report)},
               {"by_rules_of_depot", by_depot},
               {"already_admitted", !checked.standing.empty()},
               {"problems", json_of(report)}});
        return;
    }
    say("{}", text_of(report));
    if (!by_depot) say("only what was handed in was looked at: no depot's rules\n");
    if (descriptor_alone && !core::has_errors(report)) {
        say("its packages were not looked at: they are fetched when a ticket hands it in\n");
    }
    if (!checked.standing.empty()) return say_already_admitted(checked.standing);
    say("{}\n", core::has_errors(report) ? "this would be refused"
                : report.empty()         ? "no problem found"
                : descriptor_alone       ? "no problem found but the warnings"
                                         : "this would be admitted, with warnings");
}

/// One that was named has to be there.
bool has_depot(const Commands& commands) {
    return commands.depot_was_named ||
           core::status_of(core::Layout{commands.depot}.configuration());
}

/// The rules of the depot if there is one, else what holds everywhere.
Checked check_bundle(const Commands& commands, const Options& options) {
    if (has_depot(commands)) {
        Program program(commands.depot, commands.cells);
        const core::Scratch scratch(program.work());
        try {
            // What is read leaves nothing in the depot's cache.
            const FormatSet formats(core::Cache(scratch.directory() / "cache"), program.depot.pool,
                                    commands.cells);
            const core::Operations operations{program.depot,
                                              program.collaborators(formats.formats())};
            auto admitted = operations.check(receive(commands.cells, options, scratch.directory(),
                                                     program.depot.configuration.bundle_limits),
                                             options.admission, options.asked);
            if (admitted.outcome) {
                core::append(admitted.warnings, std::move(admitted.outcome->plan.warnings));
            }
            return {std::move(admitted.warnings),
                    admitted.outcome ? std::string() : admitted.release.id};
        } catch (const core::Refused& refused) {
            return {refused.report()};
        }
    }
    const TemporaryDirectory scratch;
    const FormatSet formats(core::Cache(scratch.path() / "cache"),
                            core::Pool(scratch.path() / "pool"), commands.cells);
    Progress progress;
    try {
        return {core::validate(formats.formats(), commands.cells,
                               receive(commands.cells, options, scratch.path(), {}),
                               [&](std::size_t done, std::size_t of) {
                                   progress.show("inspecting packages", done, of);
                               })};
    } catch (const core::Refused& refused) {
        return {refused.report()};
    }
}

/// Where the descriptor of a ticket has them fetched from, they come before its SynchURL.
bool has_urls(const core::Descriptor& descriptor) {
    return std::ranges::any_of(
        descriptor.packages, [](const core::ListedPackage& listed) { return !listed.url.empty(); });
}

/// What comes by itself has nothing but the packages that it says where to fetch.
core::Report missing_packages(core::Descriptor descriptor) {
    const bool elsewhere = !descriptor.sync_url.empty() && !has_urls(descriptor);
    if (elsewhere) return {};
    if (descriptor.packages.empty()) {
        return {
            core::error_at("", core::reason::bundle_empty,
                           "the descriptor came without packages, and does not say where they are",
                           "check the archive or directory that has them too")};
    }
    std::erase_if(descriptor.packages,
                  [](const core::ListedPackage& listed) { return !listed.url.empty(); });
    return core::compare_with_listing(descriptor, {}, {});
}

core::Report report_on_descriptor(const core::Cells& cells, const std::string& file) {
    auto [descriptor, report] = bundle::parse_in_cell(cells, read_descriptor(file), file);
    if (core::has_errors(report)) return report;
    // The error says more.
    std::erase_if(report, [](const core::Problem& problem) {
        return problem.code == core::reason::packages_not_listed;
    });
    std::ranges::move(missing_packages(std::move(descriptor)), std::back_inserter(report));
    return report;
}

bool is_descriptor(const fs::path& file) {
    return core::is_file(file) && core::lower(file.extension().string()) == ".xml";
}

int check(const Commands& commands, const Options& options) {
    const bool alone = is_descriptor(options.bundle);
    const bool by_depot = !alone && has_depot(commands);
    const core::Admission& admission = options.admission;
    if (!by_depot && !(admission.line + admission.introduction.named).empty()) {
        write_stderr(fmt::format(
            "sluice: --line and --provider are of a depot, and {}\n",
            alone ? "a release.xml alone is looked at without one" : "none is here: add --depot"));
        return usage_status;
    }
    const Checked checked = alone ? Checked{report_on_descriptor(commands.cells, options.bundle)}
                                  : check_bundle(commands, options);
    say_checked(commands, checked, by_depot, alone);
    return core::has_errors(checked.report) ? refused_status : 0;
}

void add_bundle_options(CLI::App& command, Options& options) {
    command.add_option("--descriptor", options.descriptor,
                       "release.xml to use, for a bundle without one or instead of its own");
    command.add_option("--line", options.admission.line,
                       "line of the release; the first one if not given");
    command.add_option("--provider", options.admission.introduction.named,
                       "who hands it in; not needed if every package is signed by a key of theirs");
}

}  // namespace

void add_admit(Commands& commands) {
    const auto options = std::make_shared<Options>();
    CLI::App& command = commands.add(
        "admit", "Inspect a bundle, and publish it as a release in the entry stage (unverified)");
    command
        .add_option("BUNDLE", options->bundle,
                    ".tar (plain, .gz, .xz, .zst, .bz2), .zip, or a directory")
        ->required();
    add_bundle_options(command, *options);
    command.add_flag("--emergency", options->admission.emergency,
                     "grant an emergency: it may go from unverified straight to production");
    options->add_to(command);
    command.callback([&commands, options] {
        commands.action = [&commands, options] { return admit(commands, *options); };
    });
}

void add_check(Commands& commands) {
    const auto options = std::make_shared<Options>();
    CLI::App& command = commands.add(
        "check",
        "Say what admit would say of a bundle or a release.xml; changes nothing.\n"
        "With a depot its own rules count too (platforms, keys, what was admitted before)");
    command.add_option("BUNDLE", options->bundle, "bundle or release.xml")->required();
    add_bundle_options(command, *options);
    command.callback([&commands, options] {
        commands.action = [&commands, options] { return check(commands, *options); };
    });
}

}  // namespace command_line
