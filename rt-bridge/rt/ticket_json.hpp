// SPDX-License-Identifier: GPL-3.0-or-later
// Tickets, transactions and attachments out of REST2's JSON. Private to this folder.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "rt-bridge/rt/tickets.hpp"

namespace rt {

/// Without its requestors, of whom groups have to be asked for.
Ticket ticket_of(const nlohmann::json& answer);

/// A custom field without a value is shown too, if it may be seen.
bool shows_field(const nlohmann::json& ticket, const std::string& name);

/// `field_names`: of custom fields, by id.
Change change_of(const nlohmann::json& item, const std::map<std::string, std::string>& field_names);

/// Nameless ones are the bodies of messages.
Attachment attachment_of(const nlohmann::json& item);

}  // namespace rt
