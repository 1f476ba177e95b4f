// SPDX-License-Identifier: GPL-3.0-or-later
// Is this request from our RT, and from now? Judged by an HMAC over "<timestamp>.<text>" and the
// age of the timestamp. Nothing is remembered: within the window a request may come again, so it is
// only a hint where to look.
#pragma once

#include <string>
#include <string_view>

#include "core/model/clock.hpp"

namespace rt {

inline constexpr std::size_t largest_hook_body = 64 << 10;
inline constexpr std::chrono::seconds hook_window{300};  // that clocks may differ

class Webhook {
  public:
    /// Throws Error if the secret has less than 16 characters.
    Webhook(std::string secret, const core::Clock& clock);

    /// The headers X-Sluice-Timestamp (seconds since 1970) and X-Sluice-Signature ("sha256=" and 64
    /// hexadecimal digits), as they came, and what was signed. Safe from several threads.
    bool is_authentic(std::string_view timestamp, std::string_view signature,
                      std::string_view text) const;

  private:
    bool is_recent(std::string_view timestamp) const;

    std::string secret_;
    const core::Clock& clock_;
};

}  // namespace rt
