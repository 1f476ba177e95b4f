// SPDX-License-Identifier: GPL-3.0-or-later
// What two processes say to each other: whole messages, and open files with them, over a pair of
// Unix sockets (unix(7), SCM_RIGHTS).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/system/files.hpp"

namespace core {

class Channel {
  public:
    Channel() = default;
    explicit Channel(File socket) : socket_(std::move(socket)) {}

    /// Both ends; each process keeps one.
    static std::pair<Channel, Channel> make_pair();

    /// Bounds how long receive() waits for the next bytes: the other side may stop within a
    /// message.
    void set_patience(std::chrono::seconds patience);

    /// False if the other side is gone. `files` are borrowed, at most most_files of them.
    bool send(std::string_view message, std::span<const int> files = {}) const;

    /// The next message. Nothing if the other side is gone, took too long, or claims more than
    /// `largest` bytes: then it is not to be trusted any more. Files that come with it are closed
    /// unless `files` is given.
    std::optional<std::string> receive(std::uint64_t largest,
                                       std::vector<File>* files = nullptr) const;

    /// To be polled: readable when a message begins or the other side is gone.
    int descriptor() const { return socket_.descriptor(); }

    static constexpr std::size_t most_files = 4;

  private:
    bool receive_size(std::uint64_t& size, std::vector<File>& files) const;
    bool receive_all(void* bytes, std::size_t size) const;

    File socket_;
};

}  // namespace core
