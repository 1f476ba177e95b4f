// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/listening_socket.hpp"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace server {
namespace {

core::File bound(const addrinfo& address) {
    core::File socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.descriptor() < 0) return {};
    // Not SO_REUSEPORT: a port that another process has is an error.
    const int yes = 1;
    const int no = 0;
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address.ai_family == AF_INET6) {
        ::setsockopt(socket.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    }
    if (::bind(socket.descriptor(), address.ai_addr, address.ai_addrlen) != 0 ||
        ::listen(socket.descriptor(), SOMAXCONN) != 0) {
        return {};
    }
    return socket;
}

int port_of(const core::File& socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::getsockname(socket.descriptor(), any, &size) != 0) return 0;
    return ntohs(address.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Listening listen_on(const std::string& host, int port) {
    const std::string place = core::escaped(host) + ":" + std::to_string(port);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                   std::to_string(port).c_str(), &hints, &found);
    if (code != 0) throw core::Error("cannot listen on " + place + ": " + ::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        core::File socket = bound(*entry);
        const int actual = socket.descriptor() < 0 ? 0 : port_of(socket);
        if (actual != 0) return {std::move(socket), actual};
    }
    throw core::system_error("cannot listen on " + place);
}

std::optional<Accepted> accept_one(int listening) {
    while (true) {
        Accepted accepted;
        accepted.socket = ::accept4(listening, reinterpret_cast<sockaddr*>(&accepted.address),
                                    &accepted.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted.socket >= 0) return accepted;
        if (errno != EINTR && errno != ECONNABORTED) return std::nullopt;
    }
}

}  // namespace server
