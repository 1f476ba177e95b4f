// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to and from the process that runs gpg (signing/gnupg_process.hpp). Private to this
// folder.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"

namespace signing {

/// A list of byte strings. Its two ends are one program on one machine, so each field goes as its
/// length in the machine's own form and its bytes.
using Message = std::vector<std::string>;

/// One end of a pair of connected sockets. Serves one thread at a time.
class Channel {
  public:
    /// Two ends that no program started from here inherits.
    static std::pair<Channel, Channel> pair();

    /// False if the other end is gone, or this one closed.
    bool send(const Message& message);
    /// Nothing if the other end is gone, also in the midst of a message, or this one closed.
    std::optional<Message> receive();
    void close() { socket_ = {}; }

  private:
    explicit Channel(int descriptor) : socket_(descriptor) {}

    core::File socket_;
};

}  // namespace signing
