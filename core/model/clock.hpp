// SPDX-License-Identifier: GPL-3.0-or-later
// Time comes in by constructor, so that tests own it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace core {

/// Seconds are what every published format can say.
using Time = std::chrono::sys_seconds;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock : public Clock {
  public:
    Time now() const override;
};

/// "2026-11-22T14:48:57Z" (RFC 3339), and back; parse_time throws Error on anything else.
std::string format_time(Time time);
Time parse_time(std::string_view text);

/// "Sun, 22 Nov 2026 14:48:57 UTC", the form of apt's Release files.
std::string format_rfc2822(Time time);

}  // namespace core
