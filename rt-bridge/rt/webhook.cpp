// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/webhook.hpp"

#include <charconv>

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "rt-bridge/rt/json.hpp"

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

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return core::lower(core::trimmed(type)) == "application/json";
}

bool is_timestamp(std::string_view text) {
    return !text.empty() && text.size() <= 12 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

HookVerdict read_body(std::string_view body) {
    try {
        const nlohmann::json parsed = parse_json(body, "the webhook's body");
        const TicketId ticket = number_of(parsed, "ticket");
        const TransactionId transaction = number_of(parsed, "transaction");
        if (ticket == 0 || transaction == 0) return {400, 0, 0};
        return {202, ticket, transaction};
    } catch (const core::Error&) {
        return {400, 0, 0};
    }
}

}  // namespace

Webhook::Webhook(std::string secret, const core::Clock& clock, NonceStore& nonces)
    : secret_(std::move(secret)), clock_(clock), nonces_(nonces) {
    if (secret_.size() < 16) {
        throw core::Error("the webhook's secret has less than 16 characters");
    }
}

HookVerdict Webhook::judge(const HookRequest& request) {
    if (request.body.size() > largest_hook_body) return {413, 0, 0};
    if (!is_json(request.content_type)) return {415, 0, 0};
    if (!signature_fits(request.timestamp, request.signature, request.body)) return {401, 0, 0};
    if (!in_window(request.timestamp)) return {409, 0, 0};
    const HookVerdict verdict = read_body(request.body);
    // The signature covers time and body, so it is the one part a replay cannot alter.
    if (verdict.http_status == 202 && !nonces_.add(std::string(request.signature))) {
        return {409, 0, 0};
    }
    return verdict;
}

bool Webhook::signed_lately(std::string_view timestamp, std::string_view signature,
                            std::string_view text) const {
    return signature_fits(timestamp, signature, text) && in_window(timestamp);
}

bool Webhook::signature_fits(std::string_view timestamp, std::string_view signature,
                             std::string_view text) const {
    if (!is_timestamp(timestamp)) return false;
    const std::string expected =
        "sha256=" + core::hmac_sha256(secret_, std::string(timestamp) + "." + std::string(text));
    return equal_in_constant_time(expected, signature);
}

bool Webhook::in_window(std::string_view timestamp) const {
    long long seconds = 0;
    std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    const core::Time made{std::chrono::seconds(seconds)};
    const core::Time now = clock_.now();
    return made >= now - hook_window && made <= now + hook_window;
}

}  // namespace rt
