// SPDX-License-Identifier: GPL-3.0-or-later
// Is this request from our RT? Judged by an HMAC over "<timestamp>.<text>", the age of the
// timestamp, and whether it came before. What passes is still only a hint where to look.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "rt-bridge/rt/nonce_store.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace rt {

inline constexpr std::size_t largest_hook_body = 64 << 10;
inline constexpr std::chrono::seconds hook_window{300};  // that clocks may differ

/// As they came; empty where a header is missing.
struct HookRequest {
    std::string_view content_type;
    std::string_view timestamp;  // X-Sluice-Timestamp: seconds since 1970
    std::string_view signature;  // X-Sluice-Signature: "sha256=" and 64 hexadecimal digits
    std::string_view body;
};

struct HookVerdict {
    int http_status = 401;  // 202: accepted
    TicketId ticket = 0;
    TransactionId transaction = 0;

    bool operator==(const HookVerdict&) const = default;
};

class Webhook {
  public:
    /// Throws Error if the secret has less than 16 characters.
    Webhook(std::string secret, const core::Clock& clock, NonceStore& nonces);

    /// 202 with ticket and transaction; 413 too large, 415 not JSON, 401 not signed by us, 409 too
    /// old, too new or seen before, 400 signed but not what RT's plugin sends. Remembers what it
    /// accepts. Safe from several threads.
    HookVerdict judge(const HookRequest& request);

    /// For a request that changes nothing: `text` was signed lately.
    bool signed_lately(std::string_view timestamp, std::string_view signature,
                       std::string_view text) const;

  private:
    bool signature_fits(std::string_view timestamp, std::string_view signature,
                        std::string_view text) const;
    bool in_window(std::string_view timestamp) const;

    std::string secret_;
    const core::Clock& clock_;
    NonceStore& nonces_;
};

}  // namespace rt
