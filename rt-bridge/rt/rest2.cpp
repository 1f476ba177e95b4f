// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/rest2.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/rt/configuration_check.hpp"
#include "rt-bridge/rt/groups.hpp"
#include "rt-bridge/rt/json.hpp"
#include "rt-bridge/rt/session.hpp"
#include "rt-bridge/rt/ticket_json.hpp"
#include "rt-bridge/rt/ticket_update.hpp"

namespace rt {
namespace {

using nlohmann::json;

// MySQL and PostgreSQL may show a transaction after one with a higher number.
constexpr TransactionId overlap = 100;
constexpr std::size_t most_changes = 5000;      // of one call; the next one goes on
constexpr std::size_t most_attachments = 5000;  // of one ticket
constexpr std::uint64_t small_attachment = 1u << 20;
constexpr std::uint64_t most_in_memory = 32u << 20;  // of an attachment: it takes five times that

}  // namespace

const std::string& Ticket::field(const std::string& name) const {
    static const std::string none;
    const auto found = fields.find(name);
    return found == fields.end() ? none : found->second;
}

std::vector<std::string> FieldNames::all() const {
    return {action, status, repository_url, emergency, line, sync_url};
}

Rest2::Rest2(http::Client client, Rest2Settings settings)
    : client_(std::move(client)), settings_(std::move(settings)) {
    while (settings_.url.ends_with('/')) settings_.url.pop_back();
    session_ = std::make_unique<Session>(client_, settings_);
}

Rest2::~Rest2() = default;

/// However many requests a call makes, all of them together have so long.
void Rest2::begin_call() {
    client_.end_by(std::chrono::steady_clock::now() + settings_.call_time);
}

core::Report Rest2::check() {
    begin_call();
    return check_configuration(*session_, settings_);
}

const std::map<std::string, std::string>& Rest2::field_names() {
    if (!field_names_.empty()) return field_names_;
    const json queue = session_->get("/queue/" + core::percent_encoded(settings_.queue));
    for (const json& field : list_of(queue, "TicketCustomFields")) {
        field_names_[text_of(field, "id")] = text_of(field, "name");
    }
    return field_names_;
}

/// A 404 alone may be a passing trouble, and a search alone leaves out what we may not see. Where
/// both find nothing, the ticket was taken out of RT's database: more than deleted.
Ticket Rest2::ticket_not_found(TicketId id) {
    const json found = session_->get("/tickets", {{"query", "id = " + std::to_string(id)}});
    if (!found.contains("total") || found["total"] != 0) {
        throw core::Error("RT's ticket " + std::to_string(id) + ": RT answered 404, but has it");
    }
    Ticket ticket;
    ticket.id = id;
    ticket.deleted = true;
    return ticket;
}

Ticket Rest2::ticket(TicketId id) {
    begin_call();
    const auto page = session_->get_if_there(ticket_path(id), {{"fields[Queue]", "Name"}});
    if (!page) return ticket_not_found(id);
    const json& answer = *page;
    Ticket ticket = ticket_of(answer);
    const std::string what = "RT's ticket " + std::to_string(id);
    if (ticket.id == 0) throw core::Error(what + " has no number");
    if (ticket.id != id) return ticket;  // it was merged: nothing else matters
    // A right that our account has lost shows as something that is not there.
    if (ticket.queue.empty() || text_of(answer, "Status").empty() || ticket.creator.empty()) {
        throw core::Error(what + " has no queue, status or creator; our account lacks a right");
    }
    const auto known = settings_.fields.all();
    for (const auto& [number, name] : field_names()) {
        const bool needed = std::find(known.begin(), known.end(), name) != known.end();
        if (needed && !shows_field(answer, name)) {
            throw core::Error(what + " does not show its field " + name +
                              "; our account lacks a right");
        }
    }
    for (const json& one : list_of(answer, "Requestor")) {
        const std::string name = text_of(one, "id");
        ticket.requestors.push_back(text_of(one, "type") == "group" ? principal_name(name) : name);
    }
    return ticket;
}

std::string Rest2::watched_fields() const {
    std::vector<std::string> watched;
    for (const std::string& name : {settings_.fields.action, settings_.fields.emergency,
                                    settings_.fields.line, settings_.fields.sync_url}) {
        watched.push_back("CFName = " + in_apostrophes(name));
    }
    return "(Type = 'CustomField' AND (" + core::join(watched, " OR ") + "))";
}

std::vector<Change> Rest2::changes(const std::string& query) {
    std::vector<Change> changes;
    const auto& names = field_names();
    session_->each_item("/transactions",
                        {{"query", query},
                         {"fields", "Type,Field,OldValue,NewValue,ObjectId,Creator"},
                         {"orderby", "id"}},
                        3, most_changes,
                        [&](const json& item) { changes.push_back(change_of(item, names)); });
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.id < b.id; });
    // A transaction that came while the pages were read stands on two of them.
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    return changes;
}

std::vector<Change> Rest2::changes_after(TransactionId cursor) {
    begin_call();
    const TransactionId from = cursor > overlap ? cursor - overlap : 0;
    // Without ObjectType RT also finds transactions of queues or users that bear a ticket's number.
    return changes("ObjectType = 'RT::Ticket' AND TicketQueue = " +
                   in_apostrophes(settings_.queue) + " AND id > " + std::to_string(from) +
                   " AND Creator != " + in_apostrophes(session_->own_name()) +
                   " AND (Type = 'Create' OR Type = 'Comment' OR Type = 'Correspond' OR " +
                   watched_fields() + ")");
}

/// Of ObjectId, not TicketId: the transactions of tickets that were merged into this one keep
/// theirs.
std::vector<Change> Rest2::history(TicketId id) {
    begin_call();
    std::vector<Change> all =
        changes("ObjectType = 'RT::Ticket' AND ObjectId = " + std::to_string(id) +
                " AND (Type = 'Create' OR Type = 'Comment' OR Type = 'Correspond'"
                " OR ((Type = 'AddWatcher' OR Type = 'DelWatcher') AND Field = 'Requestor')"
                " OR (Type = 'AddLink' AND Field = 'MergedInto') OR " +
                watched_fields() + ")");
    if (all.size() >= most_changes) {
        throw core::Error("ticket " + std::to_string(id) + " has too many changes to be judged");
    }
    if (all.empty() || all.front().kind != Change::Kind::created) {
        throw core::Error("RT does not show the history of ticket " + std::to_string(id));
    }
    for (Change& change : all) {
        if (change.kind != Change::Kind::requestor) continue;
        for (std::string* value : {&change.old_value, &change.new_value}) {
            if (!value->empty()) *value = principal_name(*value);
        }
    }
    return all;
}

/// Of a user, or "group:NAME".
std::string Rest2::principal_name(const std::string& number) {
    std::string& name = principal_names_[number];
    if (!name.empty()) return name;
    if (const auto user = session_->find("/user/" + core::percent_encoded(number))) {
        name = text_of(*user, "Name");
    } else if (const auto group = session_->find("/group/" + core::percent_encoded(number))) {
        name = "group:" + text_of(*group, "Name");
    }
    if (name.empty()) {
        throw core::Error("RT does not show the requestor with number " + core::escaped(number) +
                          "; our account lacks a right");
    }
    return name;
}

std::vector<Attachment> Rest2::attachments(TicketId id) {
    begin_call();
    std::vector<Attachment> attachments;
    std::size_t count = 0;
    session_->each_item(ticket_path(id) + "/attachments",
                        {{"fields", "Filename,ContentType,ContentLength,Creator,TransactionId"}}, 1,
                        most_attachments, [&](const json& item) {
                            ++count;
                            Attachment attachment = attachment_of(item);
                            if (attachment.name.empty()) return;  // a body
                            attachments.push_back(std::move(attachment));
                        });
    if (count >= most_attachments) {
        throw core::Error("ticket " + std::to_string(id) + " has too many attachments");
    }
    std::sort(attachments.begin(), attachments.end(),
              [](const Attachment& a, const Attachment& b) { return a.id < b.id; });
    return attachments;
}

void Rest2::download(const Attachment& attachment, const std::filesystem::path& file) {
    begin_call();
    const std::string what = "attachment " + std::to_string(attachment.id);
    if (attachment.size > settings_.largest_attachment) {
        throw core::Refused(core::reason::download_limit,
                            core::escaped(attachment.name) + " has " +
                                std::to_string(attachment.size) + " bytes; at most " +
                                std::to_string(settings_.largest_attachment) + " are taken",
                            "Hand in less at once, or have the packages fetched from a server.");
    }
    // REST2 sends base64 inside JSON, which RT builds in memory; the web page streams.
    if (attachment.size > small_attachment && !attachment.content_type.starts_with("text/")) {
        const auto saved =
            session_->file("/Ticket/Attachment/" + std::to_string(attachment.transaction) + "/" +
                               std::to_string(attachment.id) + "/bundle",
                           file, attachment.size);
        if (saved && saved->size == attachment.size) return;
        std::filesystem::remove(file);
    }
    if (attachment.size > most_in_memory) {
        throw core::Refused(core::reason::download_limit,
                            core::escaped(attachment.name) + " has " +
                                std::to_string(attachment.size) + " bytes; RT hands out at most " +
                                std::to_string(most_in_memory) + " in this way",
                            "Have the packages fetched from a server, or have the operators set "
                            "token_file: with a token files do not pass through memory.");
    }
    // Base64 in lines, and what else there is to say.
    const std::uint64_t needed = attachment.size / 2 * 3 + settings_.largest_answer;
    const json answer = session_->get("/attachment/" + std::to_string(attachment.id), {}, needed);
    const std::string bytes = bytes_of(answer, "Content");
    if (bytes.size() != attachment.size) {
        throw core::Error(what + " has " + std::to_string(attachment.size) +
                          " bytes, but RT sent " + std::to_string(bytes.size()));
    }
    core::File created = core::File::create(file);
    created.write(bytes);
    created.close();
}

void Rest2::update(TicketId id, const Update& wanted) {
    begin_call();
    update_ticket(*session_, settings_, id, wanted);
}

bool Rest2::comment(TicketId id, const std::string& marker, const std::string& text) {
    begin_call();
    const std::string path = ticket_path(id);
    bool there = false;
    session_->each_item(
        path + "/attachments", {{"fields", "Subject,Creator"}}, 1, most_attachments,
        [&](const json& item) {
            // Only our own: else a stranger could silence us with a marker.
            there = there || (text_of(item, "Subject") == marker &&
                              text_of(object_of(item, "Creator"), "id") == session_->own_name());
        });
    if (there) return false;
    session_->create(path + "/comment", {{"Subject", marker},
                                         {"Content", core::escaped_lines(text)},
                                         {"ContentType", "text/plain"}});
    return true;
}

bool Rest2::in_group(const std::string& user, const std::string& group) {
    begin_call();
    const auto id = group_id(*session_, group);
    if (!id) throw core::Error("RT does not show the group " + core::escaped(group));
    return has_member(*session_, *id, user);
}

}  // namespace rt
