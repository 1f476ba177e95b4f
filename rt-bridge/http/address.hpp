// SPDX-License-Identifier: GPL-3.0-or-later
// Network addresses, and which of them a transfer may connect to: public ones, and the networks
// that the configuration names. Judged after name resolution, so no spelling of a host and no
// change of its name's meaning between check and use (DNS rebinding) gets around it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace http {

/// IPv6 in network order; IPv4 in its mapped form (RFC 4291 §2.5.5.2), so that both are one kind.
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    /// Strictly "192.0.2.1" or "2001:db8::1"; nullopt for anything else.
    static std::optional<Address> parse(std::string_view text);

    /// nullopt for other families than IPv4 and IPv6.
    static std::optional<Address> from(const sockaddr& address);

    std::string text() const;

    bool operator==(const Address&) const = default;
};

/// "10.0.0.0/8", "fd00::/8", or one address.
struct Network {
    Address address;
    int prefix = 128;  // of the 128 bits

    /// Throws Error if `text` is none: it comes from the configuration.
    static Network parse(std::string_view text);

    bool contains(const Address& other) const;

    bool operator==(const Network&) const = default;
};

/// Reachable by everyone in the Internet: not loopback, link-local, private, shared, multicast,
/// reserved or for documentation, also where an IPv6 form carries such an IPv4 address.
bool is_public(const Address& address);

/// All addresses of a host name, or of any spelling of an address that the system understands
/// ("0x7f.1", "2130706433"). Throws Failure if there are none.
std::vector<Address> resolve(const std::string& host);

}  // namespace http
