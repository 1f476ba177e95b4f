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
#include <sys/uio.h>
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

    /// Until when send() and receive() have to be done, however slowly the other side goes on.
    /// Without one they wait.
    void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

    /// False if the other side is gone, or does not read in time. `files` are borrowed, at most
    /// most_files of them.
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
    using Time = std::chrono::steady_clock::time_point;

    bool send_all(std::span<iovec> parts, std::span<const int> files) const;
    bool wait_for(short event) const;
    bool receive_size(std::uint64_t& size, std::vector<File>& files) const;
    bool receive_all(void* bytes, std::size_t size) const;

    File socket_;
    Time deadline_ = Time::max();
};

}  // namespace core
