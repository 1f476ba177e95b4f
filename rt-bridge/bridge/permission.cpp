// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/permission.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/error.hpp"
#include "core/reason.hpp"
#include "core/text.hpp"

namespace bridge {
namespace {

constexpr std::string_view group_prefix = "group:";

std::string described(const People& people) {
    std::vector<std::string> names;
    for (const std::string& who : people) {
        names.push_back(
            who.starts_with(group_prefix) ? "the group " + who.substr(group_prefix.size()) : who);
    }
    return names.empty() ? "nobody" : core::join(names, ", ");
}

}  // namespace

bool Permission::may(const std::string& user, rt::Action action) {
    const auto found = may_.find(action);
    if (found == may_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& who) {
        return who.starts_with(group_prefix)
                   ? tickets_.in_group(user, who.substr(group_prefix.size()))
                   : who == user;
    });
}

void Permission::check(const std::string& user, rt::Action action,
                       const std::vector<std::string>& submitters) {
    const std::string asked = core::escaped(user);
    if (!may(user, action)) {
        throw core::Refused(core::reason::not_permitted,
                            fmt::format("{} may not ask for {}", asked, rt::name(action)),
                            fmt::format("It may be asked for by: {}.", described(may_[action])));
    }
    const bool own = std::find(submitters.begin(), submitters.end(), user) != submitters.end();
    if (two_person_ && action == rt::Action::move_to_production && own) {
        throw core::Refused(
            core::reason::second_person,
            fmt::format("{} handed this release in and cannot also send it to production", asked),
            "Somebody else has to ask for it.");
    }
}

}  // namespace bridge
