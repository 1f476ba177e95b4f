// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/daemon.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/temporaries.hpp"

namespace bridge {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds longest_delay{3600};

/// The notes of `sluice bridge retry`.
std::vector<fs::path> retry_notes(const Files& files) {
    std::vector<fs::path> notes;
    for (const core::Entry& entry : core::entries(files.retries(), core::Absent::is_empty)) {
        if (core::whole_number(entry.name()).value_or(0) != 0) notes.push_back(entry.path);
    }
    return notes;
}

}  // namespace

Files files_of(const core::Layout& layout) {
    return {layout.root / "bridge"};
}

std::optional<core::Lock> try_lock(const Files& files) {
    auto lock = core::Lock::try_now(files.lock());
    if (lock) core::remove_temporaries_of(files.state());
    return lock;
}

/// A note is empty, so that it needs no other name until it is whole: that would be swept by nobody
/// who knows that its writer is gone.
void ask_for_retry(const Files& files, rt::TicketId ticket) {
    core::make_directories(files.retries());
    const fs::path note = files.retries() / std::to_string(ticket);
    core::File opened = core::File::open_to_write(note, O_CREAT);
    if (opened.descriptor() < 0) throw core::system_error("cannot create " + note.string());
    opened.sync();
    core::sync_directory(files.retries());
}

void take_retries(const Files& files, Bridge& bridge, const Log& log,
                  const std::function<void(rt::TicketId)>& taken) {
    for (const fs::path& note : retry_notes(files)) {
        const rt::TicketId ticket = core::whole_number(note.filename().native()).value();
        if (bridge.retry(ticket)) {
            log.info(fmt::format("ticket {} is tried again", ticket));
            if (taken) taken(ticket);
        } else {
            log.warning(fmt::format("ticket {} has no request that failed", ticket));
        }
        core::remove_tree(note);
    }
}

void check_rt(rt::Tickets& tickets, const Log& log) {
    const core::Report report = tickets.check();
    if (core::has_errors(report)) throw core::Refused(report);
    for (const core::Problem& problem : report) log.warning(core::describe(problem));
}

Daemon::Daemon(const Configuration& configuration, rt::Tickets& tickets, Bridge& bridge,
               TicketBox& box, const Files& files, const core::Clock& clock, Log log)
    : configuration_(configuration),
      tickets_(tickets),
      bridge_(bridge),
      box_(box),
      files_(files),
      clock_(clock),
      log_(std::move(log)) {
    if (!configuration_.listen_address.empty()) listen();
}

void Daemon::listen() {
    webhook_.emplace(configuration_.secret, clock_);
    rt::ListenerHooks hooks;
    hooks.hint = [this] { wakeup_.wake(); };
    hooks.release = [this](rt::TicketId ticket) { return box_.json(ticket); };
    hooks.health = [this] { return health(); };
    hooks.metrics = [this] { return metrics(); };
    Wakeup::block_signals();  // they are for the main thread
    listener_ =
        std::make_unique<rt::Listener>(configuration_.listen_address, configuration_.listen_port,
                                       *webhook_, hooks, configuration_.trusted_proxies);
    Wakeup::unblock_signals();
}

void Daemon::run() {
    while (!wakeup_.stopping()) {
        const auto begun = std::chrono::steady_clock::now();
        pass();
        wait_for_next_pass(begun);
    }
    log_.info("stopped");
}

/// Until it is time to look at RT again, a hint comes, or `sluice bridge retry` leaves a note.
/// Hints that come within a second of the last look's beginning become one: they can be replayed.
void Daemon::wait_for_next_pass(std::chrono::steady_clock::time_point begun) {
    using std::chrono::steady_clock;
    using namespace std::chrono_literals;
    const auto end = steady_clock::now() + configuration_.poll;
    while (steady_clock::now() < end && !wakeup_.sleep(1s) && retry_notes(files_).empty()) {
    }
    while (steady_clock::now() < begun + 1s && !wakeup_.stopping()) wakeup_.sleep(20ms);
}

void Daemon::pass() {
    try {
        if (!checked_) check_rt(tickets_, log_);
        checked_ = true;
        try {
            try_pass();
        } catch (const core::Refused& refused) {
            throw core::Error(refused.what());  // of a release or a ticket: it ends nothing here
        }
        update_report("");
    } catch (const core::Error& error) {
        log_.warning(error.what());
        update_report(error.what());
    }
    update_delays();
}

void Daemon::try_pass() {
    take_retries(files_, bridge_, log_, [this](rt::TicketId ticket) { delays_.erase(ticket); });
    bridge_.pass([this](rt::TicketId ticket) { return may_try(ticket); });
}

bool Daemon::may_try(rt::TicketId ticket) const {
    if (wakeup_.stopping()) return false;
    const auto delay = delays_.find(ticket);
    return delay == delays_.end() || delay->second.until <= clock_.now();
}

void Daemon::update_delays() {
    const auto& postponed = bridge_.postponed();
    std::erase_if(delays_, [&](const auto& entry) {
        return entry.second.until <= clock_.now() && !postponed.contains(entry.first);
    });
    for (const rt::TicketId ticket : postponed) {
        Delay& delay = delays_[ticket];
        const std::chrono::seconds wait = configuration_.poll * (1 << std::min(delay.failures, 6));
        ++delay.failures;
        delay.until = clock_.now() + std::min(wait, longest_delay);
    }
}

void Daemon::update_report(const std::string& trouble) {
    const std::lock_guard lock(mutex_);
    report_.counts = bridge_.counts();
    report_.open = bridge_.open();
    report_.postponed = bridge_.postponed().size();
    report_.trouble = trouble;
    if (trouble.empty()) report_.last_pass = clock_.now();
}

rt::ListenerHooks::Health Daemon::health() {
    const std::lock_guard lock(mutex_);
    // What went wrong in detail is in the log, and not for everyone who can connect.
    if (!report_.trouble.empty()) return {false, "the last look at RT failed; see the log"};
    return {true, fmt::format("following RT; {} requests wait", report_.open)};
}

std::string Daemon::metrics() {
    const std::lock_guard lock(mutex_);
    const Counts& counts = report_.counts;
    std::string text;
    const auto family = [&](std::string_view name, std::string_view type, std::string_view help) {
        text += fmt::format("# HELP sluice_bridge_{0} {2}\n# TYPE sluice_bridge_{0} {1}\n", name,
                            type, help);
    };
    const auto value = [&](std::string_view name, auto number) {
        text += fmt::format("sluice_bridge_{} {}\n", name, number);
    };
    family("requests_total", "counter", "Requests of tickets that were answered.");
    value("requests_total{result=\"done\"}", counts.done);
    value("requests_total{result=\"failed\"}", counts.failed);
    value("requests_total{result=\"not_permitted\"}", counts.not_permitted);
    value("requests_total{result=\"left_alone\"}", counts.left_alone);
    family("passes_total", "counter", "Looks at RT.");
    value("passes_total", counts.passes);
    family("postponements_total", "counter", "Times that an operator's error stopped a request.");
    value("postponements_total", counts.postponed);
    family("open_requests", "gauge", "Requests that wait to be done or told.");
    value("open_requests", report_.open);
    family("postponed_tickets", "gauge", "Tickets that an operator's error stopped lately.");
    value("postponed_tickets", report_.postponed);
    family("last_pass_timestamp_seconds", "gauge", "When the last good look at RT ended.");
    value("last_pass_timestamp_seconds", report_.last_pass.time_since_epoch().count());
    family("rt_good", "gauge", "1 if the last look at RT was good.");
    value("rt_good", report_.trouble.empty() ? 1 : 0);
    return text;
}

}  // namespace bridge
