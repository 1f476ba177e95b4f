// SPDX-License-Identifier: GPL-3.0-or-later
// A socket that listens, and who connects to it.
#pragma once

#include <optional>
#include <string>
#include <sys/socket.h>

#include "core/system/files.hpp"

namespace server {

struct Listening {
    core::File socket;
    int port = 0;
};

/// `host`: a name or an address. Port 0: any free one. Throws Error if the address cannot be had.
Listening listen_on(const std::string& host, int port);

struct Accepted {
    int socket = -1;
    sockaddr_storage address{};
    socklen_t size = sizeof(sockaddr_storage);
};

/// Who waits longest; nothing if nobody does, or if there are no descriptors left.
std::optional<Accepted> accept_one(int listening);

}  // namespace server
