// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernel knows of connections; tests have others.
#pragma once

#include <cstdint>

namespace server {

class Sockets {
  public:
    virtual ~Sockets() = default;

    /// Bytes that the other side has confirmed. What we gave to the kernel says little: it takes
    /// megabytes for a client that reads nothing.
    virtual std::uint64_t confirmed(int socket) const = 0;

    /// Whoever reads or writes it is told that it has ended; they close it.
    virtual void end(int socket) const = 0;
};

class KernelSockets : public Sockets {
  public:
    std::uint64_t confirmed(int socket) const override;
    void end(int socket) const override;
};

/// So that little of an answer waits in the kernel for a client that does not read.
void hold_little_back(int socket);

}  // namespace server
