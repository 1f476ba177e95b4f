// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/model/text.hpp"
#include "rt-bridge/http/failure.hpp"

namespace http {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_mapped(const Address& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
}

Address mapped(const std::uint8_t* four) {
    Address address;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
    std::copy(four, four + 4, address.bytes.begin() + 12);
    return address;
}

std::vector<Network> networks(std::initializer_list<const char*> texts) {
    std::vector<Network> result;
    for (const char* text : texts) result.push_back(Network::parse(text));
    return result;
}

bool in_any(const std::vector<Network>& list, const Address& address) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Network& network) { return network.contains(address); });
}

/// IANA's IPv4 special-purpose registry, and multicast.
const std::vector<Network>& special_v4() {
    static const std::vector<Network> list = networks(
        {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
         "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
         "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
    return list;
}

/// What is special inside 2000::/3, the only block that IANA gives out for global unicast.
const std::vector<Network>& special_v6() {
    static const std::vector<Network> list = networks({"2001::/23", "2001:db8::/32", "3fff::/20"});
    return list;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
    const std::string terminated(text);
    if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
    std::array<std::uint8_t, 4> four{};
    if (::inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return mapped(four.data());
    Address address;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::optional<Address> Address::from(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::array<std::uint8_t, 4> four{};
        std::memcpy(four.data(), &v4.sin_addr, four.size());
        return mapped(four.data());
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        Address result;
        std::memcpy(result.bytes.data(), &v6.sin6_addr, result.bytes.size());
        return result;
    }
    return std::nullopt;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (is_mapped(*this)) {
        ::inet_ntop(AF_INET, bytes.data() + 12, buffer.data(), buffer.size());
    } else {
        ::inet_ntop(AF_INET6, bytes.data(), buffer.data(), buffer.size());
    }
    return buffer.data();
}

Network Network::parse(std::string_view text) {
    const auto bad = [&] {
        return core::Error("\"" + core::escaped(text) + "\" is not a network like 10.0.0.0/8");
    };
    const std::size_t slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address) throw bad();
    Network network{*address, 128};
    if (slash == std::string_view::npos) return network;
    const int shift = text.find(':') == std::string_view::npos ? 96 : 0;
    const auto prefix = core::whole_number<int>(text.substr(slash + 1));
    if (!prefix || *prefix > 128 - shift) throw bad();
    network.prefix = *prefix + shift;
    return network;
}

bool Network::contains(const Address& other) const {
    for (int bit = 0; bit < prefix; bit += 8) {
        const auto index = static_cast<std::size_t>(bit / 8);
        const int kept = std::min(8, prefix - bit);
        const auto mask = static_cast<std::uint8_t>(0xFF << (8 - kept));
        if ((address.bytes[index] & mask) != (other.bytes[index] & mask)) return false;
    }
    return true;
}

bool is_public(const Address& address) {
    static const Network nat64 = Network::parse("64:ff9b::/96");
    static const Network six_to_four = Network::parse("2002::/16");
    static const Network global = Network::parse("2000::/3");
    if (is_mapped(address)) return !in_any(special_v4(), address);
    if (nat64.contains(address)) return is_public(mapped(address.bytes.data() + 12));
    if (six_to_four.contains(address)) return is_public(mapped(address.bytes.data() + 2));
    return global.contains(address) && !in_any(special_v6(), address);
}

std::vector<Address> resolve(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (code != 0) {
        throw Failure(Trouble::unreachable,
                      "cannot find the host " + core::escaped(host) + ": " + ::gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (const auto address = Address::from(*entry->ai_addr)) addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace http
