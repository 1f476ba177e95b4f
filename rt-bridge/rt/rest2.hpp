// SPDX-License-Identifier: GPL-3.0-or-later
// Tickets of Request Tracker 5, through its REST2.
//
// RT answers 200 to most updates that it did not make: nothing is believed until it was read again.
#pragma once

#include <chrono>
#include <memory>
#include <set>

#include "rt-bridge/http/client.hpp"
#include "rt-bridge/rt/action_table.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace rt {

/// What a site calls the custom fields.
struct FieldNames {
    std::string action = "RepoAction";
    std::string status = "RepoStatus";
    std::string repository_url = "RepositoryURL";
    std::string emergency = "Emergency";
    std::string line = "AssociatedMajorRelease";
    std::string sync_url = "SyncURL";

    std::vector<std::string> all() const;
};

struct Rest2Settings {
    std::string url;    // of RT: "https://rt.example.org", without a final slash
    std::string token;  // of the service account; or:
    std::string user;
    std::string password;
    std::string queue = "sw-rel";
    FieldNames fields;
    StatusNames statuses;
    std::string role = "Responsible";         // "AdminCc" or a custom role
    std::vector<std::string> groups;          // every group the configuration names
    std::uint64_t largest_answer = 8u << 20;  // in bytes; an attachment's content comes on top
    std::chrono::seconds call_time{600};      // of one call, with all its requests
    std::uint64_t largest_attachment = 4ull << 30;
};

class Session;

class Rest2 : public Tickets {
  public:
    /// `client` must be allowed to go to the URL (http::Access::to).
    Rest2(http::Client client, Rest2Settings settings);
    ~Rest2() override;

    core::Report check() override;
    Ticket ticket(TicketId id) override;
    std::vector<Change> history(TicketId id) override;
    std::vector<Change> changes_after(TransactionId cursor) override;
    std::vector<Attachment> attachments(TicketId id) override;
    void download(const Attachment& attachment, const std::filesystem::path& file) override;
    void update(TicketId id, const Update& wanted) override;
    bool comment(TicketId id, const std::string& marker, const std::string& text) override;
    bool in_group(const std::string& user, const std::string& group) override;

  private:
    void begin_call();
    const std::map<std::string, std::string>& field_names();
    Ticket ticket_not_found(TicketId id);
    std::string watched_fields() const;
    std::vector<Change> changes(const std::string& query);
    std::string principal_name(const std::string& number);

    http::Client client_;
    Rest2Settings settings_;
    std::unique_ptr<Session> session_;
    std::map<std::string, std::string> field_names_;      // by id
    std::map<std::string, std::string> principal_names_;  // likewise
};

}  // namespace rt
