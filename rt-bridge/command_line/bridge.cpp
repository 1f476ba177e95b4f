// SPDX-License-Identifier: GPL-3.0-or-later
// bridge: follows RT, or looks at it once; bridge retry: has a ticket tried again; bridge
// forget-source: lets a repository be set back.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/bridge/daemon.hpp"
#include "rt-bridge/bridge/progress_notes.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace {

struct BridgeOptions {
    bool once = false;
    std::uint64_t ticket = 0;
    std::string source;
};

/// Standard error, one line an event; the journal adds nothing that is missing here.
bridge::Log make_log() {
    auto logger = spdlog::stderr_logger_mt("sluice");
    logger->set_pattern("%Y-%m-%dT%H:%M:%SZ %l: %v", spdlog::pattern_time_type::utc);
    return {[logger](const std::string& text) { logger->info("{}", text); },
            [logger](const std::string& text) { logger->warn("{}", text); }};
}

/// All parts of the bridge over one depot.
class Assembly {
  public:
    explicit Assembly(const std::filesystem::path& depot)
        : program_(depot),
          configuration_(
              bridge::read_configuration(program_.depot.layout.root, program_.depot.configuration)),
          files{program_.depot.layout.root / "bridge"},
          log(make_log()) {
        core::make_private_directory(files.directory);
    }

    /// Nothing if another process follows RT for this depot.
    bool lock() {
        lock_ = core::Lock::try_now(files.lock());
        if (lock_) bridge::sweep(files);
        return lock_.has_value();
    }

    void assemble() {
        for (const core::Problem& problem : configuration_.actions.check()) {
            log.warning(core::describe(problem));
        }
        connect();
        // An operation of ours that was cut off is settled before the ledger is asked about it.
        core::begin_writing(program_.depot, program_.clock());
        const core::Collaborators collaborators = program_.collaborators();
        const auto& keys = configuration_.repository_keys;
        if (!keys.empty()) verifier_ = collaborators.make_verifier(keys);
        std::optional<fetch::Trust> trust;
        if (verifier_) trust.emplace(fetch::Trust{*verifier_, seen_sources_});
        fetcher_ = std::make_unique<fetch::Fetcher>(configuration_.download, program_.clock(),
                                                    trust, bridge::progress_notes(log.note));
        releases_ = std::make_unique<bridge::DepotReleases>(
            program_.depot, program_.operations(), program_.formats(),
            bridge::Submission(*tickets_, *fetcher_), configuration_);
        bridge_ =
            std::make_unique<bridge::Bridge>(configuration_, *tickets_, *releases_, *state_, log);
    }

    /// Refuses what `sluice bridge retry` has nothing to try for; beside one who follows RT too.
    void check_retry(rt::TicketId ticket) {
        const auto state = state_->load();
        if (state && bridge::can_retry(*state, ticket)) return;
        connect();
        const bool is_there = !tickets_->ticket(ticket).deleted;
        throw core::Refused(
            core::reason::nothing_to_do,
            is_there ? fmt::format("ticket {} has no request that failed or waits", ticket)
                     : fmt::format("RT has no ticket {}, or it was deleted", ticket));
    }

    void retry(rt::TicketId ticket) { bridge_->retry(ticket); }

    bool pass() {
        bridge::check_rt(*tickets_, log);
        bridge::take_retries(files, *bridge_, log);
        return bridge_->pass([](rt::TicketId) { return true; });
    }

    void follow() {
        bridge::TicketBox box(program_.depot, *state_);
        bridge::Daemon daemon(configuration_, *tickets_, *bridge_, box, files, program_.clock(),
                              log);
        log.note(fmt::format("following the queue {} of {}", configuration_.rt.queue,
                             configuration_.rt.url));
        if (daemon.port() != 0) {
            log.note(
                fmt::format("listening on {}:{}", configuration_.listen_address, daemon.port()));
        }
        daemon.run();
    }

    const bridge::Counts& counts() const { return bridge_->counts(); }
    std::size_t open() const { return bridge_->open(); }
    std::size_t postponed() const { return bridge_->postponed().size(); }

  private:
    void connect() {
        tickets_ = std::make_unique<rt::Rest2>(
            http::Client(http::Access::to(configuration_.rt.url), {}, configuration_.authorities),
            configuration_.rt);
    }

    Program program_;
    const bridge::Configuration configuration_;

  public:
    const bridge::Files files;
    const bridge::Log log;

  private:
    std::optional<core::Lock> lock_;
    std::unique_ptr<core::Verifier> verifier_;
    fetch::SeenSources seen_sources_{files.sources()};
    std::unique_ptr<rt::Rest2> tickets_;
    std::unique_ptr<fetch::Fetcher> fetcher_;
    std::unique_ptr<bridge::DepotReleases> releases_;
    const std::unique_ptr<bridge::StateFile> state_ =
        std::make_unique<bridge::StateFile>(files.state());
    std::unique_ptr<bridge::Bridge> bridge_;
};

/// One pass, and what it did; status 1 if something has to be tried again.
int pass_once(const Commands& commands, Assembly& assembly) {
    const bool all = assembly.pass();
    commands.done = "what tickets asked for was looked at";
    const bridge::Counts& counts = assembly.counts();
    if (commands.json) {
        print({{"done", counts.done},
               {"failed", counts.failed},
               {"not_permitted", counts.not_permitted},
               {"left_alone", counts.left_alone},
               {"postponed", assembly.postponed()},
               {"open", assembly.open()}});
    } else {
        fmt::print("done {}, failed {}, not permitted {}; {} wait, {} of them for an error\n",
                   counts.done, counts.failed, counts.not_permitted, assembly.open(),
                   assembly.postponed());
    }
    return all ? 0 : 1;
}

int follow(const Commands& commands, const BridgeOptions& options) {
    Assembly assembly(commands.depot);
    if (!assembly.lock()) throw core::Error("another process follows RT for this depot");
    assembly.assemble();
    if (options.once) return pass_once(commands, assembly);
    assembly.follow();
    return 0;
}

int retry(const Commands& commands, const BridgeOptions& options) {
    Assembly assembly(commands.depot);
    const bool locked = assembly.lock();
    assembly.check_retry(options.ticket);
    if (locked) {
        assembly.assemble();
        assembly.retry(options.ticket);
        return pass_once(commands, assembly);
    }
    bridge::ask_for_retry(assembly.files, options.ticket);
    commands.done = "the ticket was noted";
    if (commands.json) {
        print({{"ticket", options.ticket}, {"noted", true}});
    } else {
        fmt::print("the running bridge will try ticket {} again\n", options.ticket);
    }
    return 0;
}

/// The bridge may run meanwhile.
int forget_source(const Commands& commands, const BridgeOptions& options) {
    const Program program(commands.depot);
    const bridge::Files files{program.depot.layout.root / "bridge"};
    const std::size_t forgotten = fetch::SeenSources(files.sources()).forget(options.source);
    if (forgotten == 0) {
        throw core::Refused(core::reason::nothing_to_do,
                            "nothing is remembered of " + core::escaped(options.source));
    }
    commands.done = "the source was forgotten";
    if (commands.json) {
        print({{"source", options.source}, {"forgotten", forgotten}});
    } else {
        fmt::print("forgot what was seen of {}; what it offers next is taken, however old\n",
                   core::escaped(options.source));
    }
    return 0;
}

}  // namespace

void add_bridge(Commands& commands) {
    const auto options = std::make_shared<BridgeOptions>();
    CLI::App& command = commands.add(
        "bridge",
        "Follow Request Tracker: do what tickets ask for, and tell them what came of it.\n"
        "The table [bridge] of sluice.toml says where RT is and who may ask for what");
    command.add_flag("--once", options->once, "look once, do what there is to do, and end");
    CLI::App& again = *command.add_subcommand(
        "retry", "Try again what failed for a ticket, or was postponed, without waiting");
    constexpr rt::TicketId largest = 0x7fffffff;  // RT's numbers have 32 bits
    again.add_option("TICKET", options->ticket, "number of the ticket")
        ->required()
        ->transform(number_of("a ticket", largest));
    again.fallthrough();
    CLI::App& forget = *command.add_subcommand(
        "forget-source",
        "Take from a repository again though it was set back: how new it was is forgotten");
    forget.add_option("URL", options->source, "of the repository, as its refusal names it")
        ->required();
    forget.fallthrough();
    command.callback([&commands, options, &again, &forget] {
        const auto chosen = forget.parsed() ? forget_source : again.parsed() ? retry : follow;
        commands.action = [&commands, options, chosen] { return chosen(commands, *options); };
    });
}

}  // namespace command_line
