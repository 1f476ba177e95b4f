// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/clock.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace core_test {
namespace {

using core::format_rfc2822;
using core::format_time;
using core::parse_time;

TEST(Clock, TimesSurviveTheirText) {
    for (const char* text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-11-22T14:48:57Z",
                             "9999-12-31T23:59:59Z"}) {
        EXPECT_EQ(format_time(parse_time(text)), text);
    }
}

TEST(Clock, WhatIsNoTimeIsAnError) {
    for (const char* bad :
         {"", "2026-11-22", "2026-11-22 14:48:57Z", "2026-11-22T14:48:57", "2026-11-22T14:48:57z",
          "2026-13-22T14:48:57Z", "2025-02-29T00:00:00Z", "2026-11-00T00:00:00Z",
          "2026-11-22T24:00:00Z", "2026-11-22T14:60:00Z", "2026-11-22T14:48:60Z",
          "-026-11-22T14:48:57Z", "2026-1a-22T14:48:57Z", "2026-11-22T14:48:57ZZ"}) {
        EXPECT_THROW(parse_time(bad), core::Error) << bad;
    }
}

TEST(Clock, AptIsToldTheDayAndTheMonthInEnglish) {
    EXPECT_EQ(format_rfc2822(parse_time("2026-11-22T04:08:07Z")), "Sun, 22 Nov 2026 04:08:07 UTC");
    EXPECT_EQ(format_rfc2822(parse_time("2024-02-29T23:59:59Z")), "Thu, 29 Feb 2024 23:59:59 UTC");
}

TEST(Clock, OfTheSystemIsNotBehindThisTest) {
    EXPECT_GT(core::SystemClock().now(), parse_time("2025-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace core_test
