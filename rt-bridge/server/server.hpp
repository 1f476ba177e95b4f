// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP/1.1 server that strangers cannot fill: memory, connections and the time of each request
// and answer are bounded by Limits (connections.hpp: how). GNU libmicrohttpd speaks the protocol on
// a few threads; a thread of ours accepts, counts, and ends who is late. Nothing of a request is
// logged.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rt-bridge/server/limits.hpp"
#include "rt-bridge/server/message.hpp"

namespace server {

/// Called from several threads, with whole requests only. What it throws is answered with 500.
using Handler = std::function<Answer(const Request&)>;

class Server {
  public:
    /// Listens when this returns. Port 0: any free one. Throws Error if the address cannot be had.
    Server(const std::string& host, int port, Limits limits, Handler handler);

    /// Ends all connections.
    ~Server();

    int port() const;

  private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace server
