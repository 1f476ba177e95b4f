// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/depot_releases.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/addresses.hpp"

namespace bridge {
namespace fs = std::filesystem;
const LedgerIndex& LedgerReader::index() {
    const std::uint64_t size = core::size_of(depot_.layout.ledger()).value_or(0);
    if (!index_ || size != size_) {
        index_ = std::make_unique<LedgerIndex>(core::committed(depot_.ledger.read()));
        size_ = size;
    }
    return *index_;
}

DepotReleases::DepotReleases(core::Depot& depot, core::Operations operations,
                             const core::Formats& formats, Submission submission,
                             const Configuration& configuration)
    : depot_(depot),
      operations_(std::move(operations)),
      formats_(formats),
      submission_(submission),
      configuration_(configuration),
      ledger_(depot) {}

std::optional<Done> DepotReleases::done_for(const std::string& cause) {
    // An operation that could not be confirmed may be the one that is asked about.
    const auto last = depot_.ledger.last();
    if (last && last->event == core::LedgerEntry::Event::intent) operations_.settle();
    return ledger_.index().done_for(cause);
}

std::string DepotReleases::of_ticket(rt::TicketId ticket) {
    return ledger_.index().of_ticket(ticket);
}

rt::TicketId DepotReleases::ticket_of(const std::string& release) {
    return ledger_.index().ticket_of(release);
}

std::vector<Moved> DepotReleases::moved_after(std::uint64_t number) {
    return ledger_.index().moved_after(number);
}

std::uint64_t DepotReleases::last_operation() {
    return ledger_.index().last();
}

/// By name or title, as people write it. What is not known is passed on, to be refused.
std::string DepotReleases::line_for(const std::string& asked) const {
    const auto& lines = depot_.configuration.lines;
    const std::string name = core::normalized_name(asked);
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const core::Line& line) {
        return core::normalized_name(line.name) == name ||
               core::normalized_name(line.title) == name;
    });
    return found == lines.end() ? asked : found->name;
}

Done DepotReleases::admit(const HandedIn& handed_in, const core::Asked& asked) {
    core::make_private_directory(depot_.layout.work());
    const core::Scratch scratch(depot_.layout.work());
    const core::Bundle bundle = submission_.receive(handed_in, scratch.directory());
    core::Admission admission = handed_in.admission;
    admission.line = line_for(admission.line);
    const auto admitted = operations_.admit(bundle, admission, asked);
    if (!admitted.outcome) return {0, admitted.release.id, false};
    const core::Operation& operation = admitted.outcome->plan.operation;
    std::string release = admitted.release.id;
    for (const core::Move& move : operation.moves) {
        if (move.from.empty()) release = move.release;
    }
    return {operation.number, release, !admitted.outcome->done};
}

std::uint64_t DepotReleases::promote(const core::Promotion& promotion, const core::Asked& asked) {
    return operations_.promote(promotion, asked).plan.operation.number;
}

std::uint64_t DepotReleases::withdraw(rt::Verb verb, const std::string& release,
                                      const core::Asked& asked) {
    const core::Outcome outcome = verb == rt::Verb::reject ? operations_.reject(release, asked)
                                                           : operations_.deprecate(release, asked);
    return outcome.plan.operation.number;
}

ReleaseView DepotReleases::view(const std::string& id) {
    const core::Release release = core::requested_release(depot_, id);
    const core::State state = depot_.state();
    ReleaseView view;
    view.id = id;
    view.submitters = release.submitters;
    view.submitters.push_back(release.by);  // records of before name nobody else
    view.warnings = release.warnings;
    for (const core::Package& package : release.packages) {
        view.packages.push_back({package.label(), package.platform});
    }
    if (const auto history = ledger_.index().history(id); !history.empty()) {
        for (const std::string& warning : history.back().warnings) {
            if (warning.starts_with(id + ": ")) view.last_warnings.push_back(warning);
        }
    }
    const auto found = state.standing.find(id);
    if (found == state.standing.end()) return view;
    view.stage = found->second;
    const core::Addresses addresses = core::addresses_of(depot_, state);
    view.url = addresses.release(release, state);
    for (const core::Repository& place : core::published_places(release, state)) {
        view.client_files.push_back(addresses.client_file(place, formats_));
    }
    return view;
}

}  // namespace bridge
