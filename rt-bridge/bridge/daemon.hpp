// SPDX-License-Identifier: GPL-3.0-or-later
// The bridge as a process that follows RT: a pass at start, after hints (at most one a second), and
// every poll_seconds at the latest; and the answers to RT's ticket page and to monitoring.
//
// All work is done on the thread that calls run(), because admissions fork; the threads of the
// listener only look at what it left for them.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "core/model/clock.hpp"
#include "core/model/layout.hpp"
#include "core/system/lock.hpp"
#include "rt-bridge/bridge/bridge.hpp"
#include "rt-bridge/bridge/ticket_box.hpp"
#include "rt-bridge/bridge/wakeup.hpp"
#include "rt-bridge/rt/listener.hpp"

namespace bridge {

/// Where the bridge keeps its files: below the depot.
struct Files {
    std::filesystem::path directory;

    std::filesystem::path state() const { return directory / "state.json"; }
    std::filesystem::path lock() const { return directory / "lock"; }
    std::filesystem::path sources() const { return directory / "sources.json"; }
    std::filesystem::path retries() const { return directory / "retry"; }
};

Files files_of(const core::Layout& layout);

/// For the one who follows RT; nothing if another process does. Removes what a killed one left.
std::optional<core::Lock> try_lock(const Files& files);

/// Leaves a note for the one who follows RT: try this ticket again.
void ask_for_retry(const Files& files, rt::TicketId ticket);

/// Takes those notes; tells what came of each.
void take_retries(const Files& files, Bridge& bridge, const Log& log,
                  const std::function<void(rt::TicketId)>& taken = {});

/// Throws Refused with everything that is wrong with RT's configuration; warnings alone go to the
/// log.
void check_rt(rt::Tickets& tickets, const Log& log);

class Daemon {
  public:
    /// Everything is borrowed. Listens, if that is configured, when this returns.
    Daemon(const Configuration& configuration, rt::Tickets& tickets, Bridge& bridge, TicketBox& box,
           const Files& files, const core::Clock& clock, Log log);

    /// Until SIGINT or SIGTERM; what is being done is then finished first.
    void run();

    /// 0 without a listener.
    int port() const { return listener_ ? listener_->port() : 0; }

  private:
    struct Delay {
        int failures = 0;
        core::Time until{};
    };
    struct Report {
        Counts counts;
        std::size_t open = 0;
        std::size_t postponed = 0;
        core::Time last_pass{};  // that ended well
        std::string trouble;     // of the last one; empty: none
    };

    void listen();
    void pass();
    void try_pass();
    void wait_for_next_pass(std::chrono::steady_clock::time_point begun);
    bool may_try(rt::TicketId ticket) const;
    void update_delays();
    void update_report(const std::string& trouble);
    rt::ListenerHooks::Health health();
    std::string metrics();

    const Configuration& configuration_;
    rt::Tickets& tickets_;
    Bridge& bridge_;
    TicketBox& box_;
    const Files& files_;
    const core::Clock& clock_;
    Log log_;
    Wakeup wakeup_;
    bool checked_ = false;
    std::map<rt::TicketId, Delay> delays_;
    std::mutex mutex_;  // of report_
    Report report_;
    std::optional<rt::Webhook> webhook_;
    std::unique_ptr<rt::Listener> listener_;  // last: its threads use all the others
};

}  // namespace bridge
