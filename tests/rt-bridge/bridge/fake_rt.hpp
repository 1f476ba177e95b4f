// SPDX-License-Identifier: GPL-3.0-or-later
// A ticket system in memory. What happens in it is told in its own order; before each answer, and
// after each change it makes, `fault` may throw. `seen` is told of each field that we write, at the
// moment when others can see it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/error.hpp"
#include "rt-bridge/rt/rest2.hpp"

namespace bridge {

class FakeRt : public rt::Tickets {
  public:
    std::map<rt::TicketId, rt::Ticket> tickets;
    std::map<rt::TransactionId, rt::Change> changes;
    std::map<rt::TicketId, std::vector<rt::Attachment>> attached;
    std::map<rt::TicketId, std::string> groups;                 // who is responsible
    std::map<rt::TicketId, std::vector<std::string>> comments;  // their markers
    std::map<rt::TicketId, std::string> texts;                  // of the last one
    std::set<rt::TicketId> hidden;                              // RT answers 403
    std::map<std::string, std::set<std::string>> members;
    std::function<void()> fault = [] {};
    std::function<void(const rt::Ticket&, const std::string& field)> seen = [](auto&&...) {};
    rt::TransactionId repeated = 5;  // transactions before the cursor are shown again

    void happen(const rt::Change& change) {
        rt::Ticket& ticket = tickets[change.ticket];
        if (change.kind == rt::Change::Kind::field) put(ticket, change.field, change.new_value);
        changes[change.id] = change;
    }

    void write(rt::TicketId id, const std::string& field, const std::string& value) {
        put(tickets[id], field, value);
        seen(tickets[id], field);
    }

    core::Report check() override { return {}; }

    rt::Ticket ticket(rt::TicketId id) override {
        fault();
        const auto found = tickets.find(id);
        if (found == tickets.end() || hidden.contains(id)) throw core::Error("RT answered 403");
        return found->second;
    }

    std::vector<rt::Change> history(rt::TicketId id) override {
        fault();
        std::vector<rt::Change> result;
        for (const auto& [number, change] : changes) {
            if (change.ticket == id) result.push_back(change);
        }
        return result;
    }

    std::vector<rt::Change> changes_after(rt::TransactionId cursor) override {
        fault();
        const rt::TransactionId from = cursor > repeated ? cursor - repeated : 0;
        std::vector<rt::Change> result;
        for (auto one = changes.upper_bound(from); one != changes.end(); ++one) {
            using Kind = rt::Change::Kind;
            const Kind kind = one->second.kind;
            if (kind == Kind::requestor || kind == Kind::merged) continue;
            result.push_back(one->second);
        }
        return result;
    }

    std::vector<rt::Attachment> attachments(rt::TicketId id) override {
        fault();
        return attached[id];
    }

    void download(const rt::Attachment&, const std::filesystem::path&) override {}

    void update(rt::TicketId id, const rt::Update& wanted) override {
        fault();
        const std::string status = rt::FieldNames().status;
        for (const auto& [name, value] : wanted.fields) {
            if (name == status) continue;
            write(id, name, value);
            fault();  // RT does one after the other
        }
        if (wanted.fields.contains(status)) write(id, status, wanted.fields.at(status));
        fault();
        if (wanted.group) groups[id] = *wanted.group;
        fault();
    }

    bool comment(rt::TicketId id, const std::string& marker, const std::string& text) override {
        fault();
        auto& all = comments[id];
        if (std::find(all.begin(), all.end(), marker) != all.end()) return false;
        all.push_back(marker);
        texts[id] = text;
        fault();
        return true;
    }

    bool in_group(const std::string& user, const std::string& group) override {
        fault();
        return members[group].contains(user);
    }

  private:
    static void put(rt::Ticket& ticket, const std::string& field, const std::string& value) {
        ticket.fields[field] = value;
        if (value.empty()) ticket.fields.erase(field);
    }
};

}  // namespace bridge
