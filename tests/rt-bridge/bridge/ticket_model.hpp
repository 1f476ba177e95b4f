// SPDX-License-Identifier: GPL-3.0-or-later
// What must come of a ticket, said a second time and in another way than the bridge does it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/rt-bridge/bridge/fake_releases.hpp"

namespace bridge {

inline Configuration configuration() {
    Configuration made;
    for (const rt::Action action :
         {rt::Action::move_to_unverified, rt::Action::move_to_stage_rollout,
          rt::Action::move_to_production, rt::Action::reject, rt::Action::deprecate}) {
        made.may[action] = {"group:staff"};
    }
    made.may[rt::Action::move_to_unverified].emplace_back("alice");
    made.may_grant_emergency = {"carol"};
    made.actions = action_table();
    made.responsible[rt::Status::unverified] = "unit";
    made.responsible[rt::Status::failed] = "unit";
    made.responsible[rt::Status::stage_rollout] = "managers";
    return made;
}

/// What must come of a ticket whose transactions are known.
struct Expected {
    std::string status;
    std::string url;
    std::string group;   // that it was given to
    std::string action;  // as the field stands in the end
    std::vector<std::string> comments;
    std::set<std::string> done;  // causes of operations
    std::map<std::string, rt::TransactionId> taken;
};

class TicketModel {
  public:
    TicketModel(bool emergency, std::string creator)
        : emergency_(emergency && creator == "carol"), creator_(std::move(creator)) {}

    void add(const rt::Change& change) {
        Request request;
        request.ticket = change.ticket;
        request.transaction = change.id;
        const std::string cause = cause_of(request);
        const std::string& by = change.creator;
        const bool staff = by == "alice" || by == "bob" || by == "carol";
        if (change.kind == rt::Change::Kind::message) {
            if (staff || by == creator_) {
                attached_ = change.id;
                author_ = by;
            }
            if (failed_ && *failed_ == rt::Action::move_to_unverified && staff) {
                perform(cause, by, *failed_);
            } else if (standing_) {
                expected.comments.push_back("sluice:" + cause);  // too late
            }
        } else if (!change.new_value.empty()) {
            perform(cause, by, *rt::parse_action(change.new_value));
        }
    }

    Expected expected;

  private:
    void perform(const std::string& cause, const std::string& by, rt::Action action) {
        expected.comments.push_back("sluice:" + cause);
        const bool staff = by == "bob" || by == "carol";
        const bool may = staff || (by == "alice" && action == rt::Action::move_to_unverified);
        const bool own = by == creator_ || submitters_.contains(by);
        if (!may || (action == rt::Action::move_to_production && own)) return;
        const rt::Decision decision = action_table().decide(action, standing_, emergency_);
        bool good = decision.verb != rt::Verb::refuse;
        if (decision.verb == rt::Verb::admit) {
            good = sound(cause);
            expected.taken[cause] = attached_;
            if (good) {
                release_ = "release-of-" + cause;
                submitters_ = {by, author_};
            }
        } else if (decision.verb == rt::Verb::promote && decision.target == "production") {
            good = sound(release_);
        }
        if (!good) {
            expected.status = "Failed";
            expected.group = "unit";
            failed_ = action;
            return;
        }
        if (decision.verb != rt::Verb::nothing) expected.done.insert(cause);
        standing_ = decision.target;
        expected.status = status_of(decision.target);
        expected.url = url_of(decision.target, release_);
        const auto groups = configuration().responsible;
        const auto group = groups.find(*action_table().status_of(decision.target));
        if (group != groups.end()) expected.group = group->second;
        failed_.reset();
    }

    bool emergency_;
    std::string creator_;
    rt::Standing standing_;
    std::string release_;
    std::set<std::string> submitters_;
    rt::TransactionId attached_ = 0;  // by one whose bytes count
    std::string author_;
    std::optional<rt::Action> failed_;
};

}  // namespace bridge
