// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/ticket_json.hpp"

#include <algorithm>

#include "rt-bridge/rt/json.hpp"

namespace rt {
namespace {

using nlohmann::json;

/// The value of a custom field as a ticket shows it. RT writes an emptied one as [], [null] or
/// [""].
std::string first_value(const json& field) {
    const json& values = list_of(field, "values");
    return values.empty() ? std::string() : as_text(values.front());
}

}  // namespace

Ticket ticket_of(const json& answer) {
    Ticket ticket;
    ticket.id = number_of(answer, "id");
    ticket.queue = text_of(object_of(answer, "Queue"), "Name");
    ticket.deleted = text_of(answer, "Status") == "deleted";
    ticket.creator = text_of(object_of(answer, "Creator"), "id");
    for (const json& field : list_of(answer, "CustomFields")) {
        const std::string value = first_value(field);
        if (!value.empty()) ticket.fields[text_of(field, "name")] = value;
    }
    return ticket;
}

bool shows_field(const json& ticket, const std::string& name) {
    const json& fields = list_of(ticket, "CustomFields");
    return std::any_of(fields.begin(), fields.end(),
                       [&](const json& field) { return text_of(field, "name") == name; });
}

Change change_of(const json& item, const std::map<std::string, std::string>& field_names) {
    Change change;
    change.id = number_of(item, "id");
    change.ticket = number_of(item, "ObjectId");
    change.creator = text_of(object_of(item, "Creator"), "id");
    const std::string type = text_of(item, "Type");
    if (type == "CustomField") {
        const auto name = field_names.find(text_of(item, "Field"));
        change.field = name == field_names.end() ? std::string() : name->second;
        change.old_value = text_of(item, "OldValue");
        change.new_value = text_of(item, "NewValue");
    } else if (type == "AddWatcher" || type == "DelWatcher") {
        change.kind = Change::Kind::requestor;
        change.old_value = text_of(item, "OldValue");
        change.new_value = text_of(item, "NewValue");
    } else if (type == "AddLink") {
        change.kind = Change::Kind::merged;
    } else {
        change.kind = type == "Create" ? Change::Kind::created : Change::Kind::message;
    }
    return change;
}

Attachment attachment_of(const json& item) {
    Attachment attachment;
    attachment.id = number_of(item, "id");
    attachment.transaction = number_of(item, "TransactionId");
    attachment.name = text_of(item, "Filename");
    attachment.content_type = text_of(item, "ContentType");
    attachment.size = number_of(item, "ContentLength");
    attachment.creator = text_of(object_of(item, "Creator"), "id");
    return attachment;
}

}  // namespace rt
