// SPDX-License-Identifier: GPL-3.0-or-later
// What the bridge remembers between passes: bridge/state.json of the depot. It holds only what
// neither the ledger nor RT can tell; which release a ticket has and what was done for it is read
// from the ledger.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rt-bridge/bridge/request.hpp"

namespace bridge {

struct TicketMemory {
    std::string release;            // another's release of the same content; empty: see the ledger
    std::optional<Request> failed;  // what was refused last; without its answer

    bool empty() const { return release.empty() && !failed; }
    bool operator==(const TicketMemory&) const = default;
};

struct State {
    rt::TransactionId cursor = 0;      // everything up to here was looked at …
    std::set<rt::TransactionId> seen;  // … as were these, not far below it
    std::uint64_t followed = 0;        // operations of others up to this one were told
    std::vector<Request> open;         // in the order in which they were made
    std::map<rt::TicketId, TicketMemory> tickets;

    bool operator==(const State&) const = default;
};

/// The ticket has a request that waits.
bool is_open(const State& state, rt::TicketId ticket);

/// The ticket has a request that failed, or that waits.
bool can_retry(const State& state, rt::TicketId ticket);

std::string to_json(const State& state);

/// Throws Error if `text` is not what to_json makes.
State state_from_json(std::string_view text);

class StateStore {
  public:
    virtual ~StateStore() = default;

    /// nullopt: there is none yet. Safe while another thread saves.
    virtual std::optional<State> load() const = 0;

    /// Durable when it returns.
    virtual void save(const State& state) = 0;
};

class StateFile : public StateStore {
  public:
    explicit StateFile(std::filesystem::path file) : file_(std::move(file)) {}

    std::optional<State> load() const override;
    void save(const State& state) override;

  private:
    std::filesystem::path file_;
};

}  // namespace bridge
