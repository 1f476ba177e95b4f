// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/clock.hpp"

namespace tests {

class FixedClock : public core::Clock {
  public:
    core::Time now() const override { return time; }

    core::Time time{std::chrono::seconds(1'800'000'000)};
};

}  // namespace tests
