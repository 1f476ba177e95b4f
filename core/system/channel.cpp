// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

#include "core/model/error.hpp"

namespace core {
namespace {

constexpr std::size_t rights_size = CMSG_SPACE(Channel::most_files * sizeof(int));

/// Takes all that came, so that none stays open unseen.
void take_files(msghdr& message, std::vector<File>& files) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            files.emplace_back(descriptor);
        }
    }
}

}  // namespace

std::pair<Channel, Channel> Channel::make_pair() {
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        throw system_error("cannot make a socket pair");
    }
    return {Channel(File(sockets[0])), Channel(File(sockets[1]))};
}

/// False if the deadline passes first.
bool Channel::wait_for(short event) const {
    while (true) {
        int timeout = -1;
        if (deadline_ != Time::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                deadline_ - std::chrono::steady_clock::now());
            if (left.count() <= 0) return false;
            timeout = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
        }
        pollfd polled{descriptor(), event, 0};
        if (::poll(&polled, 1, timeout) > 0) return true;
    }
}

/// sendmsg(2) until all is sent; files go with the first byte.
bool Channel::send_all(std::span<iovec> parts, std::span<const int> files) const {
    alignas(cmsghdr) std::array<char, rights_size> rights{};
    msghdr message{};
    if (!files.empty()) {
        message.msg_control = rights.data();
        message.msg_controllen = CMSG_SPACE(files.size_bytes());
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(files.size_bytes());
        std::memcpy(CMSG_DATA(header), files.data(), files.size_bytes());
    }
    while (!parts.empty()) {
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN && wait_for(POLLOUT)) continue;
        if (sent < 0) return false;  // EPIPE, mostly
        message.msg_control = nullptr;
        message.msg_controllen = 0;
        auto left = static_cast<std::size_t>(sent);
        while (!parts.empty() && left >= parts.front().iov_len) {
            left -= parts.front().iov_len;
            parts = parts.subspan(1);
        }
        if (parts.empty()) break;
        parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + left;
        parts.front().iov_len -= left;
    }
    return true;
}

bool Channel::send(std::string_view message, std::span<const int> files) const {
    std::uint64_t size = message.size();
    // sendmsg(2) does not write to what it sends.
    std::array parts{iovec{&size, sizeof size},
                     iovec{const_cast<char*>(message.data()), message.size()}};
    return send_all(parts, files);
}

std::optional<std::string> Channel::receive(std::uint64_t largest, std::vector<File>* files) const {
    std::uint64_t size = 0;
    std::vector<File> received;
    if (!receive_size(size, received) || size > largest) return std::nullopt;
    std::string message(static_cast<std::size_t>(size), '\0');
    if (!receive_all(message.data(), message.size())) return std::nullopt;
    if (files != nullptr) *files = std::move(received);
    return message;
}

bool Channel::receive_size(std::uint64_t& size, std::vector<File>& files) const {
    alignas(cmsghdr) std::array<char, rights_size> rights{};
    iovec part{&size, sizeof size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = rights.data();
    message.msg_controllen = rights.size();
    ssize_t got = 0;
    do {
        got = ::recvmsg(descriptor(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (got < 0 && (errno == EINTR || (errno == EAGAIN && wait_for(POLLIN))));
    if (got <= 0) return false;
    take_files(message, files);
    const auto filled = static_cast<std::size_t>(got);
    return receive_all(reinterpret_cast<char*>(&size) + filled, sizeof size - filled);
}

bool Channel::receive_all(void* bytes, std::size_t size) const {
    char* at = static_cast<char*>(bytes);
    while (size > 0) {
        const ssize_t got = ::recv(descriptor(), at, size, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN && wait_for(POLLIN)) continue;
        if (got <= 0) return false;
        at += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace core
