// SPDX-License-Identifier: GPL-3.0-or-later
// Releases and the bridge's file, in memory. `fault` may throw wherever a disk could fail.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/error.hpp"
#include "rt-bridge/bridge/bridge.hpp"

namespace bridge {

/// Decides, the same way whenever it is asked, what no rule decides: is what was handed in sound?
inline bool sound(const std::string& cause) {
    return std::hash<std::string>()(cause) % 4 != 0;
}

/// As those that a new depot has; core's own are not among what the optimised program is made of.
inline rt::ActionTable action_table() {
    core::Stage unverified{.name = "unverified", .from = {}, .emergency_from = {}};
    unverified.entry = unverified.rejectable = true;
    core::Stage rollout{.name = "stage-rollout", .from = {"unverified"}, .emergency_from = {}};
    rollout.rejectable = true;
    core::Stage production{
        .name = "production", .from = {"stage-rollout"}, .emergency_from = {"unverified"}};
    core::Stage deprecated{.name = "deprecated", .from = {"production"}, .emergency_from = {}};
    deprecated.archive = true;
    return {{unverified, rollout, production, deprecated},
            {"unverified", "stage-rollout", "production", "deprecated"}};
}

inline std::string status_of(const std::string& stage) {
    return rt::StatusNames().of(*action_table().status_of(stage));
}

/// Where a release is; empty: nowhere.
inline std::string url_of(const std::string& stage, const std::string& release) {
    if (stage.empty()) return {};
    return "https://repo.example.org/" + status_of(stage) + "/" + release;
}

/// Releases in memory. What is in `operations` was committed.
class FakeReleases : public Releases {
  public:
    struct Operation {
        std::string causes;
        std::string release;
    };
    std::vector<Operation> operations;
    std::map<rt::TicketId, std::string> releases;
    std::map<std::string, std::string> standings;  // stages; empty: nowhere
    std::map<std::string, std::vector<std::string>> submitters;
    std::map<std::string, rt::TransactionId>
        taken;  // by cause: whose message brought the descriptor
    std::size_t commits = 0;
    std::function<void()> fault = [] {};

    std::optional<Done> done_for(const std::string& cause) override {
        fault();
        for (std::size_t i = 0; i < operations.size(); ++i) {
            for (const std::string& one : causes_in(operations[i].causes)) {
                if (one == cause) return Done{i + 1, releases[ticket_in(cause)], false};
            }
        }
        return std::nullopt;
    }
    std::string of_ticket(rt::TicketId ticket) override { return releases[ticket]; }

    Done admit(const HandedIn& handed_in, const core::Asked& asked) override {
        fault();
        taken[asked.cause] = handed_in.descriptor ? handed_in.descriptor->transaction : 0;
        if (!sound(asked.cause)) throw core::Refused("xml-syntax", "broken");
        const std::string release = "release-of-" + asked.cause;
        releases[ticket_in(asked.cause)] = release;
        standings[release] = "unverified";
        submitters[release] = handed_in.admission.submitters;
        submitters[release].push_back(asked.by);
        operations.push_back({asked.cause, release});
        const Done done{operations.size(), release, false};
        ++commits;
        fault();
        return done;
    }

    std::uint64_t promote(const core::Promotion& promotion, const core::Asked& asked) override {
        fault();
        for (const std::string& release : promotion.releases) {
            if (promotion.to == "production" && !sound(release)) {
                throw core::Refused("downgrade", "older than what is there");
            }
        }
        return move(promotion.releases, promotion.to, asked);
    }
    std::uint64_t withdraw(rt::Verb verb, const std::string& release,
                           const core::Asked& asked) override {
        fault();
        return move({release}, verb == rt::Verb::reject ? "" : "deprecated", asked);
    }
    std::uint64_t move(const std::vector<std::string>& moved, const std::string& to,
                       const core::Asked& asked) {
        for (const std::string& release : moved) standings[release] = to;
        operations.push_back({asked.cause, moved.front()});
        const std::uint64_t number = operations.size();
        ++commits;
        fault();
        return number;
    }

    ReleaseView view(const std::string& release) override {
        fault();
        ReleaseView view;
        view.id = release;
        view.submitters = submitters[release];
        view.stage = standings.at(release);
        view.url = url_of(view.stage, release);
        return view;
    }
    std::vector<Moved> moved_after(std::uint64_t) override { return {}; }
    rt::TicketId ticket_of(const std::string&) override { return 0; }
    std::uint64_t last_operation() override { return operations.size(); }
};

/// Keeps the text, so that nothing survives that is not written.
class FakeStore : public StateStore {
  public:
    std::function<void()> fault = [] {};

    /// Has the process ended over a request that still waits?
    bool begun() const {
        const auto state = load();
        return state && std::any_of(state->open.begin(), state->open.end(),
                                    [](const Request& one) { return one.begun > 1; });
    }

    std::optional<State> load() const override {
        return text_.empty() ? std::nullopt : std::optional(state_from_json(text_));
    }
    void save(const State& state) override {
        fault();
        text_ = to_json(state);
        fault();
    }

  private:
    std::string text_;
};

}  // namespace bridge
