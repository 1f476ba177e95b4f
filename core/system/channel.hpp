// SPDX-License-Identifier: GPL-3.0-or-later
// What two processes say to each other: whole messages, over a pair of Unix sockets, which could
// also hand over open files (SCM_RIGHTS).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/system/files.hpp"

namespace core {

class Channel {
  public:
    Channel() = default;

    /// Both ends; each process keeps one.
    static std::pair<Channel, Channel> make_pair();

    /// Bounds how long receive() waits for the next bytes: the other side may stop within a
    /// message.
    void set_patience(std::chrono::seconds patience);

    /// False if the other side is gone.
    bool send(std::string_view message) const;

    /// The next message. Nothing if the other side is gone, took too long, or claims more than
    /// `largest` bytes: then it is not to be trusted any more.
    std::optional<std::string> receive(std::uint64_t largest) const;

    /// To be polled: readable when a message begins or the other side is gone.
    int descriptor() const { return socket_.descriptor(); }

  private:
    explicit Channel(int socket) : socket_(socket) {}

    bool receive_all(void* bytes, std::size_t size) const;

    File socket_;
};

}  // namespace core
