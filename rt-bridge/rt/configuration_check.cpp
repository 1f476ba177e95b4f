// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/configuration_check.hpp"

#include <algorithm>

#include "core/model/percent.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/rt/groups.hpp"
#include "rt-bridge/rt/json.hpp"

namespace rt {
namespace {

using core::Severity;
using nlohmann::json;

class Check {
  public:
    Check(Session& session, const Rest2Settings& settings)
        : session_(session), settings_(settings), where_("queue " + settings.queue) {}

    core::Report perform() {
        check_version();
        const auto queue = session_.find("/queue/" + core::percent_encoded(settings_.queue));
        if (!queue || number_of(*queue, "Disabled") != 0) {
            add(Severity::error, "", "there is no such queue, or our account may not see it",
                "Give it the right SeeQueue, or correct the queue's name in the configuration.");
            return std::move(report_);
        }
        check_fields(*queue);
        check_role();
        check_groups();
        check_rights();
        return std::move(report_);
    }

  private:
    void add(Severity severity, std::string element, std::string message, std::string remedy) {
        report_.push_back({severity, std::string(core::reason::ticket_configuration), where_, 0, 0,
                           std::move(element), std::move(message), std::move(remedy)});
    }

    void check_version() {
        const std::string version = text_of(session_.get("/rt"), "Version");
        if (!version.starts_with("5.")) {
            add(Severity::warning, "",
                "RT is version " + core::escaped(version) + "; only version 5 was tried", "");
        }
    }

    void check_fields(const json& queue) {
        for (const std::string& name : settings_.fields.all()) {
            const json& fields = list_of(queue, "TicketCustomFields");
            const auto field = std::find_if(fields.begin(), fields.end(), [&](const json& entry) {
                return text_of(entry, "name") == name;
            });
            if (field == fields.end()) {
                add(optional(name) ? Severity::warning : Severity::error, name,
                    "the queue has no such custom field, or our account may not see it",
                    "Apply the field to the queue and give our account SeeCustomField on it.");
            } else {
                check_field(name, number_of(*field, "id"));
            }
        }
    }

    /// Work can be done without these.
    bool optional(const std::string& name) const {
        return name == settings_.fields.emergency || name == settings_.fields.line ||
               name == settings_.fields.sync_url;
    }

    void check_field(const std::string& name, std::uint64_t id) {
        const auto field = session_.find("/customfield/" + std::to_string(id));
        if (!field) {
            add(Severity::error, name, "our account may not see the field",
                "Give it SeeCustomField.");
            return;
        }
        if (number_of(*field, "MaxValues") != 1) {
            add(Severity::error, name, "the field takes several values", "Let it take one.");
        }
        if (text_of(*field, "Type") != "Select") return;
        std::vector<std::string> values;
        for (const json& value : list_of(*field, "Values")) values.push_back(as_text(value));
        if (name == settings_.fields.status) check_statuses(values);
        if (name == settings_.fields.action) check_actions(values);
    }

    void check_statuses(const std::vector<std::string>& values) {
        for (const Status status : {Status::unverified, Status::stage_rollout, Status::production,
                                    Status::deprecated, Status::rejected, Status::failed}) {
            const std::string& written = settings_.statuses.of(status);
            if (std::none_of(values.begin(), values.end(), [&](const std::string& value) {
                    return core::lower(value) == core::lower(written);
                })) {
                add(Severity::error, settings_.fields.status,
                    "the list lacks the value \"" + written + "\", which sluice writes",
                    "Add it to the field, or set another spelling in sluice's configuration.");
            }
        }
    }

    void check_actions(const std::vector<std::string>& values) {
        for (const Action action :
             {Action::move_to_unverified, Action::move_to_stage_rollout, Action::move_to_production,
              Action::reject, Action::deprecate}) {
            if (std::none_of(values.begin(), values.end(), [&](const std::string& value) {
                    return parse_action(value) == action;
                })) {
                add(Severity::warning, settings_.fields.action,
                    "the list has no value for " + std::string(name(action)),
                    "Nobody can ask for it; add the value to the field.");
            }
        }
        for (const std::string& value : values) {
            if (!parse_action(value)) {
                add(Severity::warning, settings_.fields.action,
                    "the list has the value \"" + value + "\", which means nothing to sluice", "");
            }
        }
    }

    void check_role() {
        if (settings_.role.empty()) return;
        const auto role = find_role(session_, settings_.queue, settings_.role);
        if (!role) {
            add(Severity::error, settings_.role, "the queue has no such role",
                "Apply the custom role to the queue, or use AdminCc.");
        } else if (!role->several) {
            add(Severity::error, settings_.role, "the role takes one user, and so no group",
                "Let it take several members.");
        }
    }

    void check_groups() {
        for (const std::string& group : settings_.groups) {
            if (group_id(session_, group)) continue;
            add(Severity::error, group, "there is no such group, or our account may not see it",
                "Make the group, or give our account the global right SeeGroup.");
        }
    }

    /// RT does not list our rights; a ticket's links show those that concern it.
    void check_rights() {
        const json found =
            session_.get("/tickets", {{"query", "Queue = " + in_apostrophes(settings_.queue) +
                                                    " AND (Status = 'new' OR Status = 'open')"},
                                      {"orderby", "id"},
                                      {"order", "DESC"},
                                      {"per_page", "1"}});
        const json& items = list_of(found, "items");
        if (items.empty()) return;  // nothing to try them on yet
        const auto ticket = session_.find(ticket_path(number_of(items.front(), "id")));
        if (!ticket) return;
        if (!has_link(*ticket, "comment")) missing_right("CommentOnTicket");
        if (!settings_.role.empty() && !has_link(*ticket, "lifecycle"))
            missing_right("ModifyTicket");
    }

    static bool has_link(const json& ticket, std::string_view ref) {
        const json& links = list_of(ticket, "_hyperlinks");
        return std::any_of(links.begin(), links.end(),
                           [&](const json& link) { return text_of(link, "ref") == ref; });
    }

    void missing_right(const std::string& right) {
        add(Severity::error, right, "our account lacks this right",
            "Give it the right on the queue.");
    }

    Session& session_;
    const Rest2Settings& settings_;
    std::string where_;
    core::Report report_;
};

}  // namespace

core::Report check_configuration(Session& session, const Rest2Settings& settings) {
    return Check(session, settings).perform();
}

}  // namespace rt
