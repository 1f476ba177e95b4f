// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/provider_people.hpp"

#include <algorithm>
#include <string_view>

namespace bridge {
namespace {

constexpr std::string_view group_mark = "group:";

bool is_one(const std::string& user, const std::string& who, rt::Tickets& tickets) {
    return who.starts_with(group_mark) ? tickets.in_group(user, who.substr(group_mark.size()))
                                       : who == user;
}

}  // namespace

std::set<std::string> providers_of(const People& people, const core::Providers& providers,
                                   rt::Tickets& tickets) {
    std::set<std::string> names;
    for (const core::Provider& provider : providers) {
        const bool any = std::ranges::any_of(people, [&](const std::string& user) {
            return std::ranges::any_of(provider.people, [&](const std::string& who) {
                return is_one(user, who, tickets);
            });
        });
        if (any) names.insert(provider.name);
    }
    return names;
}

}  // namespace bridge
