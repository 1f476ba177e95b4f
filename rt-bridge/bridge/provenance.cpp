// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/provenance.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/model/text.hpp"
#include "rt-bridge/bridge/attachments.hpp"

namespace bridge {
namespace {

using Kind = rt::Change::Kind;

std::string of(const std::string& what, const std::string& by) {
    return core::escaped(what) + " of " + core::escaped(by);
}

}  // namespace

/// In order, that of creation first. RT does not tell that one: it is what the first change took
/// away, or what the ticket has if nobody changed it.
std::vector<Setting> Provenance::settings(const std::string& field) const {
    std::vector<Setting> all{{ticket_.field(field), ticket_.creator}};
    bool changed = false;
    for (const rt::Change& change : history_) {
        if (change.kind != Kind::field || change.field != field) continue;
        if (!changed) all.front().value = change.old_value;
        changed = true;
        if (change.id <= up_to_) all.push_back({change.new_value, change.creator});
    }
    return all;
}

const rt::Change* Provenance::transaction(rt::TransactionId id) const {
    const auto found = std::find_if(history_.begin(), history_.end(),
                                    [&](const rt::Change& change) { return change.id == id; });
    if (found == history_.end()) return nullptr;
    return found->kind == Kind::created || found->kind == Kind::message ? &*found : nullptr;
}

People Provenance::people() const {
    std::set<std::string> people{ticket_.creator};
    people.insert(ticket_.requestors.begin(), ticket_.requestors.end());
    for (const rt::Change& change : history_) {
        if (change.kind == Kind::requestor) people.insert({change.old_value, change.new_value});
    }
    people.erase("");
    return {people.begin(), people.end()};
}

People Provenance::providers(const std::function<bool(const std::string& user)>& may) const {
    std::map<std::string, std::string> added;  // by whom
    bool merged = false;
    for (const rt::Change& change : history_) {
        if (change.kind == Kind::requestor) added[change.new_value] = change.creator;
        if (change.kind == Kind::merged) merged = true;
    }
    People people{ticket_.creator};
    for (const std::string& one : ticket_.requestors) {
        const auto by = added.find(one);
        const bool counts =
            by == added.end() ? !merged : by->second == ticket_.creator || may(by->second);
        if (counts) people.push_back(one);
    }
    return people;
}

Offer Provenance::offer(const std::vector<rt::Attachment>& attachments,
                        const rt::FieldNames& fields,
                        const std::function<bool(const std::string& user)>& counts) const {
    std::map<std::string, bool> known;
    const auto counted = [&](const std::string& user) {
        if (!known.contains(user)) known[user] = counts(user);
        return known[user];
    };
    Offer offer;
    for (rt::Attachment one : attachments) {
        if (part_of(one) == Part::other || one.transaction > up_to_) continue;
        // A transaction that is not this ticket's came by a merge.
        const rt::Change* brought = transaction(one.transaction);
        if (brought != nullptr) one.creator = brought->creator;
        if (brought != nullptr && counted(one.creator)) {
            offer.attachments.push_back(one);
        } else {
            offer.passed_over.push_back(of(one.name, one.creator));
        }
    }
    for (const auto& [field, setting] :
         {std::pair{fields.sync_url, &offer.sync_url}, {fields.line, &offer.line}}) {
        std::vector<std::string> others;
        for (const Setting& one : settings(field)) {
            if (counted(one.by)) {
                *setting = one;
                others.clear();
            } else {
                others.push_back(of(field, one.by));
            }
        }
        std::move(others.begin(), others.end(), std::back_inserter(offer.passed_over));
    }
    return offer;
}

}  // namespace bridge
