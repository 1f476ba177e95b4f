// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/channel.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/model/error.hpp"

namespace core {

std::pair<Channel, Channel> Channel::make_pair() {
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        throw system_error("cannot make a socket pair");
    }
    return {Channel(sockets[0]), Channel(sockets[1])};
}

void Channel::set_patience(std::chrono::seconds patience) {
    const timeval value{patience.count(), 0};
    if (::setsockopt(descriptor(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) {
        throw system_error("cannot set the patience of a socket");
    }
}

bool Channel::send(std::string_view message) const {
    const std::uint64_t size = message.size();
    std::string frame(reinterpret_cast<const char*>(&size), sizeof size);
    frame += message;
    for (std::string_view left = frame; !left.empty();) {
        const ssize_t sent = ::send(descriptor(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;  // EPIPE, mostly
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::optional<std::string> Channel::receive(std::uint64_t largest) const {
    std::uint64_t size = 0;
    if (!receive_all(&size, sizeof size) || size > largest) return std::nullopt;
    std::string message(static_cast<std::size_t>(size), '\0');
    if (!receive_all(message.data(), message.size())) return std::nullopt;
    return message;
}

bool Channel::receive_all(void* bytes, std::size_t size) const {
    char* at = static_cast<char*>(bytes);
    while (size > 0) {
        const ssize_t got = ::recv(descriptor(), at, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace core
