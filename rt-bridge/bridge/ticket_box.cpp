// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/ticket_box.hpp"

#include <nlohmann/json.hpp>

#include "core/model/text.hpp"
#include "core/work/addresses.hpp"

namespace bridge {

std::optional<std::string> TicketBox::json(rt::TicketId ticket) {
    using nlohmann::json;
    const std::lock_guard lock(mutex_);
    std::string id = ledger_.index().of_ticket(ticket);
    if (const auto state = state_.load()) {
        const auto memory = state->tickets.find(ticket);
        if (memory != state->tickets.end() && !memory->second.release.empty()) {
            id = memory->second.release;
        }
    }
    if (id.empty()) return std::nullopt;
    const core::Release release = core::requested_release(depot_, id);
    const core::State published = depot_.state();
    const auto stands = published.standing.find(id);
    const bool is_somewhere = stands != published.standing.end();
    const std::string stage = is_somewhere ? stands->second : std::string();
    const std::string url = core::addresses_of(depot_, published).release(release, published);

    json packages = json::array();
    for (const core::Package& package : release.packages) {
        packages.push_back({{"name", package.name},
                            {"version", package.full_version()},
                            {"architecture", package.architecture},
                            {"platform", package.platform}});
    }
    json history = json::array();
    for (const HistoryLine& line : ledger_.index().history(id)) {
        history.push_back({{"operation", line.operation},
                           {"time", core::format_time(line.time)},
                           {"verb", line.verb},
                           {"by", line.by},
                           {"result", "committed"}});
    }
    const json box{{"ticket", ticket}, {"release", id},        {"stage", stage},
                   {"url", url},       {"packages", packages}, {"history", history}};
    return core::escaped_json(box.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace bridge
