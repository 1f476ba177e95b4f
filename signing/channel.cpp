// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/channel.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <sys/socket.h>

#include "core/error.hpp"

namespace signing {
namespace {

using Length = std::uint64_t;

void append(std::string& bytes, Length length) {
    char form[sizeof length];
    std::memcpy(form, &length, sizeof length);
    bytes.append(form, sizeof length);
}

/// False at the end of the stream.
bool fill(int socket, char* buffer, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::recv(socket, buffer, size, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        buffer += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

std::optional<Length> length(int socket) {
    Length result = 0;
    if (!fill(socket, reinterpret_cast<char*>(&result), sizeof result)) return std::nullopt;
    return result;
}

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        throw core::system_error("cannot make a pair of sockets");
    }
    return {Channel(ends[0]), Channel(ends[1])};
}

bool Channel::send(const Message& message) {
    std::string bytes;
    append(bytes, message.size());
    for (const std::string& field : message) {
        append(bytes, field.size());
        bytes += field;
    }
    std::string_view left = bytes;
    while (!left.empty()) {
        // A signal would end the process: the answer is enough.
        const ssize_t count = ::send(socket_.descriptor(), left.data(), left.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        left.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<Message> Channel::receive() {
    const auto fields = length(socket_.descriptor());
    if (!fields) return std::nullopt;
    Message message;
    for (Length i = 0; i < *fields; ++i) {
        const auto size = length(socket_.descriptor());
        if (!size) return std::nullopt;
        std::string& field = message.emplace_back(*size, '\0');
        if (!fill(socket_.descriptor(), field.data(), field.size())) return std::nullopt;
    }
    return message;
}

}  // namespace signing
