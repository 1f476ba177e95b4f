// SPDX-License-Identifier: GPL-3.0-or-later
// Who is connected, until when each has to have done something, and who makes room for others.
//
//   receiving   the request has to be there as a whole by the deadline, however it drips
//   answering   the deadline is a credit: bytes that the client confirms move it away, up to
//               `patience`, so that who reads at `rate` or more is never ended
//   waiting     the next request has to begin by the deadline
//
// Where there are too many, whoever receives or waits makes room, first of the address that has
// most of them, the oldest first; then who is behind with reading. So a request that comes at once
// always gets in. May be called from several threads.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "rt-bridge/http/address.hpp"
#include "rt-bridge/server/limits.hpp"
#include "rt-bridge/server/sockets.hpp"

namespace server {

using Time = std::chrono::steady_clock::time_point;

class Connections {
  public:
    enum class Phase { receiving, answering, waiting };

    /// Borrows both. Throws Error if a trusted proxy is no address or network.
    Connections(const Limits& limits, const Sockets& sockets);

    /// False if all are answered and read well: then nobody is to be accepted.
    bool has_room(Time now) const;

    /// Takes an accepted one, and ends another where that is needed. False if its address has too
    /// many, all answered.
    bool admit(int socket, const http::Address& address, Time now);

    /// From begun() to gone() the socket is certainly open. Before, it is ended only to make room,
    /// at once: should libmicrohttpd have no memory for it, it is closed without a word.
    void begun(int socket);
    void gone(int socket);

    /// The request line has come; matters after a wait only, for the first deadline stands.
    void receives(int socket, Time now);
    void answers(int socket, Time now);
    void waits(int socket, Time now);

    /// Ends those whose deadline is past. To be called a few times a second.
    void end_late(Time now);

    std::size_t size() const;

  private:
    struct Connection {
        http::Address host;              // of a network of 64 bits, for IPv6
        std::size_t* of_host = nullptr;  // how many it has; none if that is not counted
        bool open = false;
        bool ended = false;
        Phase phase = Phase::receiving;
        Time since{};
        Time deadline{};
        std::uint64_t confirmed = 0;
    };
    using Table = std::unordered_map<int, Connection>;

    void change(int socket, Phase phase, Time now, Time deadline);
    void credit(int socket, Connection& connection, Time now) const;
    void end(int socket, Connection& connection);
    void leave(Connection& connection);
    bool can_go(const Connection& connection, Time now) const;
    static bool goes_before(const Connection& one, const Connection& other);
    std::optional<int> first_to_go(Time now, const http::Address* host) const;

    const Limits& limits_;
    const Sockets& sockets_;
    std::vector<http::Network> proxies_;
    mutable std::mutex mutex_;  // of all below
    Table table_;
    std::size_t live_ = 0;  // that are not ended
    struct Hash {
        std::size_t operator()(const http::Address& address) const;
    };
    std::unordered_map<http::Address, std::size_t, Hash> of_host_;  // live ones
};

}  // namespace server
