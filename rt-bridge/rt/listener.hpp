// SPDX-License-Identifier: GPL-3.0-or-later
// The bridge's own small HTTP server: RT's webhook, what RT's ticket page asks, and what monitoring
// asks. It answers at once; all work is done elsewhere. However many are connected, whoever has
// sent nothing yet makes room for who comes: monitoring is always answered.
//
//   POST /hook               200 and a hint is handed on, if RT signed it lately; else 401
//   GET  /release?ticket=N   JSON for the ticket page, likewise
//   GET  /healthz            200 or 503 and a line of text
//   GET  /metrics            Prometheus text
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rt-bridge/rt/tickets.hpp"
#include "rt-bridge/rt/webhook.hpp"

namespace rt {

/// Called from threads of the listener; must return soon and must not throw.
struct ListenerHooks {
    std::function<void()> hint;
    std::function<std::optional<std::string>(TicketId)> release;  // nullopt: nothing known
    struct Health {
        bool good = false;
        std::string text;
    };
    std::function<Health()> health;
    std::function<std::string()> metrics;
};

class Listener {
  public:
    /// Listens when this returns. `port` 0: any free one. Throws Error if it cannot.
    /// `trusted_proxies`: addresses or networks that may have more connections than others.
    Listener(const std::string& address, int port, const Webhook& webhook, ListenerHooks hooks,
             std::vector<std::string> trusted_proxies = {});

    /// Ends the requests under way.
    ~Listener();

    int port() const;

  private:
    struct Server;
    std::unique_ptr<Server> server_;
};

}  // namespace rt
