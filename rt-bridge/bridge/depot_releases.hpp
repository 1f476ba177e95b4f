// SPDX-License-Identifier: GPL-3.0-or-later
// The releases of a depot, through core's operations.
#pragma once

#include <memory>

#include "core/work/operations.hpp"
#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/bridge/ledger_index.hpp"
#include "rt-bridge/bridge/submission.hpp"

namespace bridge {

/// The ledger's index, made anew when the ledger has changed. For one thread at a time.
class LedgerReader {
  public:
    explicit LedgerReader(const core::Depot& depot) : depot_(depot) {}

    const LedgerIndex& index();

  private:
    const core::Depot& depot_;
    std::uintmax_t size_ = 0;  // of the ledger when it was read: it only ever grows
    std::unique_ptr<LedgerIndex> index_;
};

class DepotReleases : public Releases {
  public:
    DepotReleases(core::Depot& depot, core::Operations operations, const core::Formats& formats,
                  Submission submission, const Configuration& configuration);

    std::optional<Done> done_for(const std::string& cause) override;
    std::string of_ticket(rt::TicketId ticket) override;
    Done admit(const HandedIn& handed_in, const core::Asked& asked) override;
    std::uint64_t promote(const core::Promotion& promotion, const core::Asked& asked) override;
    std::uint64_t withdraw(rt::Verb verb, const std::string& release,
                           const core::Asked& asked) override;
    ReleaseView view(const std::string& release) override;
    std::vector<Moved> moved_after(std::uint64_t number) override;
    rt::TicketId ticket_of(const std::string& release) override;
    std::uint64_t last_operation() override;

  private:
    std::string line_for(const std::string& asked) const;

    core::Depot& depot_;
    core::Operations operations_;
    const core::Formats& formats_;
    Submission submission_;
    const Configuration& configuration_;
    LedgerReader ledger_;
};

}  // namespace bridge
