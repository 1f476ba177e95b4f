// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/permission.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace bridge {

std::string Permission::described(const People& people) {
    std::vector<std::string> names;
    for (const std::string& who : people) {
        names.push_back(
            who.starts_with(group_prefix) ? "the group " + who.substr(group_prefix.size()) : who);
    }
    return names.empty() ? "nobody" : core::join(names, ", ");
}

bool Permission::is_one_of(const std::string& user, const People& people) {
    return std::any_of(people.begin(), people.end(), [&](const std::string& who) {
        return who.starts_with(group_prefix)
                   ? tickets_.in_group(user, who.substr(group_prefix.size()))
                   : who == user;
    });
}

bool Permission::may(const std::string& user, rt::Action action) {
    const auto found = may_.find(action);
    return found != may_.end() && is_one_of(user, found->second);
}

std::set<std::string> Permission::providers_of(const People& people,
                                               const core::Providers& providers) {
    std::set<std::string> names;
    for (const core::Provider& provider : providers) {
        const bool any = std::ranges::any_of(
            people, [&](const std::string& user) { return is_one_of(user, provider.people); });
        if (any) names.insert(provider.name);
    }
    return names;
}

void Permission::check(const std::string& user, rt::Action action, const People& submitters) {
    const std::string asked = core::escaped(user);
    if (!may(user, action)) {
        throw core::Refused(core::reason::not_permitted,
                            fmt::format("{} may not ask for {}", asked, rt::name(action)),
                            fmt::format("It may be asked for by: {}.", described(may_[action])));
    }
    if (two_person_ && action == rt::Action::move_to_production && is_one_of(user, submitters)) {
        throw core::Refused(
            core::reason::second_person,
            fmt::format("{} had a hand in this release and cannot also send it to production",
                        asked),
            "Somebody else has to ask for it.");
    }
}

}  // namespace bridge
