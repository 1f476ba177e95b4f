// SPDX-License-Identifier: GPL-3.0-or-later
// Groups and roles in RT, which REST2 names by ids. Private to this folder.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "rt-bridge/rt/session.hpp"

namespace rt {

/// Of the user-defined group with this name that is not disabled.
std::optional<std::uint64_t> group_id(Session& session, const std::string& name);

/// Directly, or through groups in it. Throws Error if that cannot be known.
bool has_member(Session& session, std::uint64_t group, const std::string& user);

/// A role of a ticket: under which key its members stand in a ticket.
struct Role {
    std::string key;      // "AdminCc", "RT::CustomRole-1"
    bool several = true;  // it takes more than one member, and so a group

    bool custom() const { return key.starts_with("RT::CustomRole-"); }
};

/// nullopt if the queue has no such role, or only one that we may not see.
std::optional<Role> find_role(Session& session, const std::string& queue, const std::string& name);

}  // namespace rt
