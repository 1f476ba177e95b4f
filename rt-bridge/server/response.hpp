// SPDX-License-Identifier: GPL-3.0-or-later
// An answer as libmicrohttpd takes it. Private to this folder.
#pragma once

#include <atomic>
#include <memory>

#include "rt-bridge/server/message.hpp"
#include "rt-bridge/server/microhttpd.hpp"

namespace server {

struct ResponseEnd {
    void operator()(MHD_Response* response) const { mhd().destroy_response(response); }
};
using Response = std::unique_ptr<MHD_Response, ResponseEnd>;

/// What answers hold in memory, of all connections of a server.
class AnswerMemory {
  public:
    explicit AnswerMemory(std::size_t most) : most_(most) {}

    /// One that is alone may be larger.
    bool take(std::size_t bytes);
    void give_back(std::size_t bytes) { used_ -= bytes; }

  private:
    const std::size_t most_;
    std::atomic<std::size_t> used_ = 0;
};

struct Made {
    unsigned status = 0;
    Response response;
};

/// 503 where too much memory is held already. `memory` must live as long as the response does.
/// Throws bad_alloc.
Made make_response(Answer answer, AnswerMemory& memory, bool keep_alive);

}  // namespace server
