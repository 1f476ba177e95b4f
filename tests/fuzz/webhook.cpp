// SPDX-License-Identifier: GPL-3.0-or-later
// What comes with a hook: the time and the signature on a line each, then the text. Nobody signs
// for us; and whatever the text is, ours is known again.
#include "rt-bridge/rt/webhook.hpp"

#include "core/model/digest.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/rt-bridge/rt/fixed_clock.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string secret = "0123456789abcdef";
    static const tests::FixedClock clock;
    static const rt::Webhook webhook(secret, clock);
    std::string_view text = fuzz::text_of(data, size);
    const std::string timestamp(fuzz::take(text, '\n'));
    const std::string_view signature = fuzz::take(text, '\n');
    const auto signed_at = [&](const std::string& time) {
        return "sha256=" + core::hmac_sha256(secret, time + "." + std::string(text));
    };
    const bool authentic = webhook.is_authentic(timestamp, signature, text);
    fuzz::claim(!authentic || signature == signed_at(timestamp), "nobody signs for us");
    const std::string now = std::to_string(clock.now().time_since_epoch().count());
    fuzz::claim(webhook.is_authentic(now, signed_at(now), text), "what we signed is ours");
    fuzz::claim(!webhook.is_authentic(now, signed_at(now) + "0", text), "all of it counts");
    return 0;
}
