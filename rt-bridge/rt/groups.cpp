// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/groups.hpp"

#include <set>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/rt/json.hpp"

namespace rt {
namespace {

using nlohmann::json;

constexpr std::size_t most_groups = 1000;  // inside one another

std::string group_path(std::uint64_t id) {
    return "/group/" + std::to_string(id);
}

}  // namespace

std::optional<std::uint64_t> group_id(Session& session, const std::string& name) {
    const json found =
        session.search("/groups", json::array({
                                      {{"field", "Name"}, {"value", name}},
                                      {{"field", "Domain"}, {"value", "UserDefined"}},
                                  }));
    for (const json& item : list_of(found, "items")) {
        const std::uint64_t id = number_of(item, "id");
        const auto group = session.find(group_path(id));
        if (!group || text_of(*group, "Name") != name) continue;
        if (text_of(*group, "Domain") != "UserDefined" || number_of(*group, "Disabled") != 0)
            continue;
        return id;
    }
    return std::nullopt;
}

bool has_member(Session& session, std::uint64_t group, const std::string& user) {
    std::set<std::uint64_t> known{group};
    std::vector<std::uint64_t> waiting{group};
    std::uint64_t hidden = 0;
    while (!waiting.empty()) {
        const std::uint64_t id = waiting.back();
        waiting.pop_back();
        const auto found = session.find(group_path(id));
        if (!found) hidden = id;
        if (!found || number_of(*found, "Disabled") != 0) continue;
        for (const json& member : list_of(*found, "Members")) {
            const std::string type = text_of(member, "type");
            if (type == "user" && text_of(member, "id") == user) return true;
            const std::uint64_t inner = number_of(member, "id");
            if (type == "group" && known.insert(inner).second) waiting.push_back(inner);
        }
        if (known.size() > most_groups) throw core::Error("RT's groups hold too many groups");
    }
    if (hidden == 0) return false;
    throw core::Error("RT does not show the members of group " + std::to_string(hidden) +
                      "; our account needs SeeGroup on it");
}

std::optional<Role> find_role(Session& session, const std::string& queue, const std::string& name) {
    if (name == "AdminCc" || name == "Cc") return Role{name, true};
    const auto found = session.find("/queue/" + core::percent_encoded(queue));
    if (!found) return std::nullopt;
    for (const json& link : list_of(*found, "_hyperlinks")) {
        if (text_of(link, "ref") != "customrole") continue;
        const auto role = session.find("/customrole/" + std::to_string(number_of(link, "id")));
        if (!role || text_of(*role, "Name") != name || number_of(*role, "Disabled") != 0) continue;
        return Role{text_of(link, "group_type"), number_of(*role, "MaxValues") != 1};
    }
    return std::nullopt;
}

}  // namespace rt
