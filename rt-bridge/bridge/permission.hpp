// SPDX-License-Identifier: GPL-3.0-or-later
// Who may ask for what, and whose people they are.
#pragma once

#include <map>
#include <set>
#include <string>

#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

class Permission {
  public:
    Permission(rt::Tickets& tickets, std::map<rt::Action, People> may, bool two_person)
        : tickets_(tickets), may_(std::move(may)), two_person_(two_person) {}

    bool may(const std::string& user, rt::Action action);

    /// Is the user among them, by name or by a group?
    bool is_one_of(const std::string& user, const People& people);

    /// Throws Refused (not-permitted, second-person). `submitters` had a hand in the release.
    void check(const std::string& user, rt::Action action, const People& submitters);

    /// The providers of the depot that they belong to, as RT knows them now.
    std::set<std::string> providers_of(const People& people, const core::Providers& providers);

    /// "the group technology-unit, carol"; "nobody".
    static std::string described(const People& people);

  private:
    rt::Tickets& tickets_;
    std::map<rt::Action, People> may_;
    bool two_person_;
};

}  // namespace bridge
