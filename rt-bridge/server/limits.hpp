// SPDX-License-Identifier: GPL-3.0-or-later
// What a stranger may use of a server. Each is a bound: nothing waits or grows without one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace server {

struct Limits {
    std::size_t connections = 128;            // in all
    std::size_t connections_of_address = 32;  // IPv6: of a network of 64 bits, which one host has

    /// Addresses or networks that stand for many clients, and are not counted by address.
    std::vector<std::string> trusted_proxies;

    std::chrono::seconds request{10};  // until a request is there as a whole
    std::chrono::seconds idle{15};     // between an answer and the next request

    /// Whoever reads slower than `rate` bytes a second falls behind, and may do so for as long as
    /// `patience`. dnf too gives up at 1,000 bytes a second for 30 seconds.
    std::chrono::seconds patience{30};
    std::uint64_t rate = 1000;

    std::size_t head = 40 << 10;  // line and header of a request, and header of its answer
    std::size_t body = 0;         // of a request; 0: none is read
    std::size_t answers_in_memory = 16 << 20;  // of all connections, but for one that is alone
    bool keep_alive = true;
    unsigned threads = 2;
};

}  // namespace server
