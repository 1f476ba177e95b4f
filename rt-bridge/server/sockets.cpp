// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/sockets.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace server {

std::uint64_t KernelSockets::confirmed(int socket) const {
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool known = ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
    return known ? info.tcpi_bytes_acked : 0;
}

void KernelSockets::end(int socket) const {
    ::shutdown(socket, SHUT_RDWR);
}

void hold_little_back(int socket) {
    const int unsent = 256 << 10;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

}  // namespace server
