// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/webhook.hpp"

#include "core/model/digest.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace rt {
namespace {

/// The time this takes says nothing about where the texts differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

}  // namespace

Webhook::Webhook(std::string secret, const core::Clock& clock)
    : secret_(std::move(secret)), clock_(clock) {
    if (secret_.size() < 16) {
        throw core::Error("the webhook's secret has less than 16 characters");
    }
}

bool Webhook::is_authentic(std::string_view timestamp, std::string_view signature,
                           std::string_view text) const {
    if (!is_recent(timestamp)) return false;
    const std::string expected =
        "sha256=" + core::hmac_sha256(secret_, std::string(timestamp) + "." + std::string(text));
    return equal_in_constant_time(expected, signature);
}

bool Webhook::is_recent(std::string_view timestamp) const {
    const auto seconds = core::whole_number<std::int64_t>(timestamp);
    if (!seconds) return false;
    const core::Time made{std::chrono::seconds(*seconds)};
    const core::Time now = clock_.now();
    return made >= now - hook_window && made <= now + hook_window;
}

}  // namespace rt
