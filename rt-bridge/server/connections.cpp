// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/connections.hpp"

#include <algorithm>
#include <tuple>

namespace server {
namespace {

/// Who is so far behind with reading makes room, where there is none.
constexpr std::chrono::seconds behind{2};

/// A host has a whole network of IPv6 addresses.
http::Address host_of(http::Address address) {
    static const http::Network v4 = http::Network::parse("::ffff:0:0/96");
    if (!v4.contains(address)) std::fill(address.bytes.begin() + 8, address.bytes.end(), 0);
    return address;
}

}  // namespace

Connections::Connections(const Limits& limits, const Sockets& sockets)
    : limits_(limits), sockets_(sockets) {
    for (const std::string& proxy : limits.trusted_proxies) {
        proxies_.push_back(http::Network::parse(proxy));
    }
}

bool Connections::has_room(Time now) const {
    const std::lock_guard lock(mutex_);
    // Those that were ended are gone in a moment; if not, something else is slow.
    if (table_.size() >= 2 * limits_.connections) return false;
    return live_ < limits_.connections ||
           std::any_of(table_.begin(), table_.end(),
                       [&](const auto& entry) { return can_go(entry.second, now); });
}

bool Connections::admit(int socket, const http::Address& address, Time now) {
    const std::lock_guard lock(mutex_);
    if (const auto stale = table_.find(socket); stale != table_.end()) {
        leave(stale->second);  // it was closed before it was begun
        table_.erase(stale);
    }
    const bool counted =
        std::none_of(proxies_.begin(), proxies_.end(),
                     [&](const http::Network& proxy) { return proxy.contains(address); });
    Connection connection;
    connection.host = host_of(address);
    connection.since = now;
    connection.deadline = now + limits_.request;
    const auto make_room = [&](const http::Address* host) {
        const auto other = first_to_go(now, host);
        if (other) end(*other, table_.at(*other));
        return other.has_value();
    };
    const auto same = of_host_.find(connection.host);
    if (counted && same != of_host_.end() && same->second >= limits_.connections_of_address &&
        !make_room(&connection.host)) {
        return false;
    }
    if (live_ >= limits_.connections && !make_room(nullptr)) return false;
    ++live_;
    if (counted) ++*(connection.of_host = &of_host_[connection.host]);
    table_.emplace(socket, connection);
    return true;
}

void Connections::begun(int socket) {
    const std::lock_guard lock(mutex_);
    const auto found = table_.find(socket);
    if (found != table_.end()) found->second.open = true;
}

void Connections::gone(int socket) {
    const std::lock_guard lock(mutex_);
    const auto found = table_.find(socket);
    if (found == table_.end()) return;
    leave(found->second);
    table_.erase(found);
}

void Connections::receives(int socket, Time now) {
    const std::lock_guard lock(mutex_);
    const auto found = table_.find(socket);
    if (found == table_.end() || found->second.phase != Phase::waiting) return;
    change(socket, Phase::receiving, now, now + limits_.request);
}

void Connections::answers(int socket, Time now) {
    const std::lock_guard lock(mutex_);
    change(socket, Phase::answering, now, now + limits_.patience);
}

void Connections::waits(int socket, Time now) {
    const std::lock_guard lock(mutex_);
    change(socket, Phase::waiting, now, now + limits_.idle);
}

void Connections::end_late(Time now) {
    const std::lock_guard lock(mutex_);
    for (auto place = table_.begin(); place != table_.end();) {
        auto& [socket, connection] = *place;
        if (connection.open && !connection.ended) credit(socket, connection, now);
        const bool late = !connection.ended && connection.deadline <= now;
        if (late && connection.open) end(socket, connection);
        if (late && !connection.open) {  // it never began: its descriptor may be another's
            leave(connection);
            place = table_.erase(place);
        } else {
            ++place;
        }
    }
}

std::size_t Connections::size() const {
    const std::lock_guard lock(mutex_);
    return live_;
}

void Connections::change(int socket, Phase phase, Time now, Time deadline) {
    const auto found = table_.find(socket);
    if (found == table_.end()) return;
    Connection& connection = found->second;
    connection.phase = phase;
    connection.since = now;
    connection.deadline = deadline;
}

void Connections::credit(int socket, Connection& connection, Time now) const {
    if (connection.phase == Phase::receiving) return;
    const std::uint64_t confirmed = sockets_.confirmed(socket);
    const std::uint64_t bytes = confirmed - std::min(confirmed, connection.confirmed);
    connection.confirmed = confirmed;
    if (bytes == 0) return;
    if (connection.phase == Phase::waiting) {  // the end of the answer is still on its way
        connection.deadline = now + limits_.idle;
        return;
    }
    const Time most = now + limits_.patience;
    const std::uint64_t seconds = std::min<std::uint64_t>(
        bytes / limits_.rate, static_cast<std::uint64_t>(limits_.patience.count()));
    const std::chrono::milliseconds rest(1000 * (bytes % limits_.rate) / limits_.rate);
    connection.deadline =
        std::min(most, connection.deadline + std::chrono::seconds(seconds) + rest);
}

void Connections::end(int socket, Connection& connection) {
    sockets_.end(socket);
    leave(connection);
    connection.ended = true;
}

void Connections::leave(Connection& connection) {
    if (connection.ended) return;
    --live_;
    if (connection.of_host != nullptr && --*connection.of_host == 0) {
        of_host_.erase(connection.host);
    }
}

bool Connections::can_go(const Connection& connection, Time now) const {
    return !connection.ended && (connection.phase != Phase::answering ||
                                 connection.deadline + behind <= now + limits_.patience);
}

bool Connections::goes_before(const Connection& one, const Connection& other) {
    const auto order = [](const Connection& connection) {
        const bool answering = connection.phase == Phase::answering;
        const std::size_t count = connection.of_host == nullptr ? 1 : *connection.of_host;
        return std::tuple(answering, -static_cast<std::int64_t>(count),
                          answering ? connection.deadline : connection.since);
    };
    return order(one) < order(other);
}

std::optional<int> Connections::first_to_go(Time now, const http::Address* host) const {
    const Table::value_type* first = nullptr;
    for (const auto& entry : table_) {
        const Connection& connection = entry.second;
        const bool counted = connection.of_host != nullptr;
        if (host != nullptr && !(counted && connection.host == *host)) continue;
        if (!can_go(connection, now)) continue;
        if (first == nullptr || goes_before(connection, first->second)) first = &entry;
    }
    if (first == nullptr) return std::nullopt;
    return first->first;
}

std::size_t Connections::Hash::operator()(const http::Address& address) const {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
}

}  // namespace server
