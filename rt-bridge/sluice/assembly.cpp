// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/sluice/assembly.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/bridge/progress_notes.hpp"

namespace sluice {
namespace {

/// Standard error, one line an event; the journal adds nothing that is missing here.
bridge::Log make_log() {
    auto logger = spdlog::stderr_logger_mt("sluice");
    logger->set_pattern("%Y-%m-%dT%H:%M:%SZ %l: %v", spdlog::pattern_time_type::utc);
    return {[logger](const std::string& text) { logger->info("{}", core::escaped(text)); },
            [logger](const std::string& text) { logger->warn("{}", core::escaped(text)); }};
}

/// An operation of ours that was cut off is settled before the ledger is asked about it.
core::Operations settled_operations(command_line::Program& program) {
    core::begin_writing(program.depot, program.clock());
    return program.operations();
}

std::unique_ptr<core::Verifier> make_repository_verifier(BridgedDepot& depot) {
    const auto& keys = depot.configuration.repository_keys;
    return keys.empty() ? nullptr : depot.program.collaborators().make_verifier(keys);
}

}  // namespace

BridgedDepot::BridgedDepot(const std::filesystem::path& directory, const core::Cells& cells)
    : program(directory, cells),
      configuration(
          bridge::read_configuration(program.depot.layout.root, program.depot.configuration)),
      files(bridge::files_of(program.depot.layout)),
      log(make_log()) {
    core::make_private_directory(files.directory);
}

rt::Rest2 connect(const bridge::Configuration& configuration) {
    return {http::Client(http::Access::to(configuration.rt.url), {}, configuration.authorities),
            configuration.rt};
}

Assembly::Assembly(BridgedDepot& depot, core::Lock lock)
    : depot_(depot),
      lock_(std::move(lock)),
      tickets_(connect(depot.configuration)),
      verifier_(make_repository_verifier(depot)),
      seen_sources_(depot.files.sources()),
      fetcher_(depot.configuration.download, depot.program.clock(), depot.program.cells(), trust(),
               bridge::progress_notes(depot.log.info)),
      releases_(depot.program.depot, settled_operations(depot.program), depot.program.formats(),
                bridge::Submission(tickets_, fetcher_, depot.program.cells(),
                                   depot.program.depot.configuration.bundle_limits),
                depot.configuration),
      state_(depot.files.state()),
      bridge_(depot.configuration, tickets_, releases_, state_, depot.log) {
    for (const core::Problem& problem : depot.configuration.actions.check()) {
        depot.log.warning(core::describe(problem));
    }
}

std::optional<fetch::Trust> Assembly::trust() {
    if (!verifier_) return std::nullopt;
    return fetch::Trust{*verifier_, seen_sources_};
}

bool Assembly::pass() {
    bridge::check_rt(tickets_, depot_.log);
    bridge::take_retries(depot_.files, bridge_, depot_.log);
    return bridge_.pass([](rt::TicketId) { return true; });
}

void Assembly::follow() {
    const bridge::Configuration& configuration = depot_.configuration;
    bridge::TicketBox box(depot_.program.depot, state_);
    bridge::Daemon daemon(configuration, tickets_, bridge_, box, depot_.files,
                          depot_.program.clock(), depot_.log);
    if (const std::string remark = depot_.program.cells().remark(); !remark.empty()) {
        depot_.log.warning(remark);
    }
    depot_.log.info(
        fmt::format("following the queue {} of {}", configuration.rt.queue, configuration.rt.url));
    if (daemon.port() != 0) {
        depot_.log.info(
            fmt::format("listening on {}:{}", configuration.listen_address, daemon.port()));
    }
    daemon.run();
}

}  // namespace sluice
