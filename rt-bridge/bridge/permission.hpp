// SPDX-License-Identifier: GPL-3.0-or-later
// Who may ask for what.
#pragma once

#include <map>
#include <string>

#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

class Permission {
  public:
    Permission(rt::Tickets& tickets, std::map<rt::Action, People> may, bool two_person)
        : tickets_(tickets), may_(std::move(may)), two_person_(two_person) {}

    bool may(const std::string& user, rt::Action action);

    /// Throws Refused (not-permitted, second-person). `submitters` handed the release in.
    void check(const std::string& user, rt::Action action,
               const std::vector<std::string>& submitters);

  private:
    rt::Tickets& tickets_;
    std::map<rt::Action, People> may_;
    bool two_person_;
};

}  // namespace bridge
