// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/ticket_update.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/rt/groups.hpp"
#include "rt-bridge/rt/json.hpp"
#include "rt-bridge/rt/ticket_json.hpp"

namespace rt {
namespace {

using nlohmann::json;

/// RT writes the value of a list in the list's own spelling.
bool has_value(const Ticket& ticket, const std::string& field, const std::string& value) {
    return core::lower(ticket.field(field)) == core::lower(value);
}

/// The members of a role as a ticket shows them, sorted: users by name, groups by number.
std::vector<std::string> members_of(const json& ticket, const Role& role) {
    std::vector<std::string> members;
    const auto found = ticket.find(role.key);
    if (found == ticket.end()) return members;
    // A role that takes one member only is an object instead of a list.
    const json list = found->is_array() ? *found : json::array({*found});
    for (const json& member : list) members.push_back(text_of(member, "id"));
    std::sort(members.begin(), members.end());
    return members;
}

/// Giving a ticket to a group. Other members of the role stay: only the groups that tickets are
/// given to take turns.
struct Handover {
    Role role;
    std::vector<std::string> members;  // afterwards, sorted
};

Handover plan_handover(Session& session, const Rest2Settings& settings, const json& ticket,
                       const std::string& group) {
    const auto role = find_role(session, settings.queue, settings.role);
    if (!role) throw core::Error("queue " + settings.queue + " has no role " + settings.role);
    const auto id = group_id(session, group);
    if (!id) throw core::Error("RT has no group " + core::escaped(group));
    Handover handover{*role, members_of(ticket, *role)};
    std::vector<std::string>& members = handover.members;
    if (members != std::vector{std::to_string(*id)}) {
        for (const std::string& name : settings.groups) {
            const auto turn = group_id(session, name);
            if (turn) std::erase(members, std::to_string(*turn));
        }
        std::erase(members, std::to_string(*id));
        members.push_back(std::to_string(*id));
        std::sort(members.begin(), members.end());
    }
    return handover;
}

std::vector<std::string> differences(const Ticket& ticket, const Update& wanted) {
    std::vector<std::string> names;
    for (const auto& [name, value] : wanted.fields) {
        if (!has_value(ticket, name, value)) names.push_back(name);
    }
    return names;
}

std::string text_of_messages(const json& messages) {
    std::vector<std::string> texts;
    if (messages.is_array()) {
        for (const json& message : messages) texts.push_back(core::escaped(as_text(message)));
    }
    return texts.empty() ? "RT said nothing" : "RT said: " + core::join(texts, "; ");
}

/// The ticket as RT shows it; an error if another one answers for it.
json own_ticket(Session& session, TicketId id) {
    json answer = session.get(ticket_path(id), {{"fields[Queue]", "Name"}});
    const TicketId other = number_of(answer, "id");
    if (other == id) return answer;
    throw core::Error("ticket " + std::to_string(id) + " was merged into " + std::to_string(other));
}

/// Changes what differs from `before`, by one request, and returns the ticket as it is then.
json changed(Session& session, const Rest2Settings& settings, TicketId id, const json& before,
             const Update& wanted) {
    const Ticket ticket = ticket_of(before);
    std::optional<Handover> handover;
    if (wanted.group) handover = plan_handover(session, settings, before, *wanted.group);

    json changes = json::object();
    for (const auto& [name, value] : wanted.fields) {
        if (ticket.field(name) == value) continue;
        // RT makes a value that no search finds of "", and of null on an empty field.
        changes["CustomFields"][name] = value.empty() ? json() : json(value);
    }
    if (handover && members_of(before, handover->role) != handover->members) {
        if (handover->role.custom()) {
            changes["CustomRoles"][settings.role] = handover->members;
        } else {
            changes[handover->role.key] = handover->members;
        }
    }
    if (changes.empty()) return before;

    const json messages = session.put(ticket_path(id), changes);
    json after = own_ticket(session, id);
    std::vector<std::string> missing = differences(ticket_of(after), wanted);
    if (handover && members_of(after, handover->role) != handover->members) {
        missing.push_back(settings.role);
    }
    if (missing.empty()) return after;
    throw core::Error("ticket " + std::to_string(id) + ": RT did not change " +
                      core::join(missing, ", ") + "; " + text_of_messages(messages));
}

}  // namespace

void update_ticket(Session& session, const Rest2Settings& settings, TicketId id,
                   const Update& wanted) {
    // RT makes the changes of one request in any order, and each can be seen before the next is
    // made. Whoever sees the new status must find what belongs to it: it has a request of its own,
    // after that of the other fields was seen to have done its work.
    Update first, last = wanted;
    first.fields.swap(last.fields);
    const auto status = first.fields.extract(settings.fields.status);
    if (!status.empty()) last.fields[status.key()] = status.mapped();
    const json seen = changed(session, settings, id, own_ticket(session, id), first);
    changed(session, settings, id, seen, last);
}

}  // namespace rt
