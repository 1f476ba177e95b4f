// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/request.hpp"

#include <fmt/format.h>

#include "core/model/text.hpp"

namespace bridge {
namespace {

constexpr std::string_view prefix = "rt:";

}  // namespace

std::string cause_of(const Request& request) {
    if (request.kind == Request::Kind::follow) {
        return fmt::format("op:{}/{}", request.ticket, request.transaction);
    }
    std::string cause = fmt::format("{}{}/{}", prefix, request.ticket, request.transaction);
    if (request.attempt > 1) cause += fmt::format("#{}", request.attempt);
    return cause;
}

std::vector<std::string> causes_in(std::string_view cause) {
    return core::split(cause, " ");
}

rt::TicketId ticket_in(std::string_view cause) {
    if (!cause.starts_with(prefix)) return 0;
    cause.remove_prefix(prefix.size());
    const std::size_t end = cause.find('/');
    if (end == std::string_view::npos) return 0;
    return core::whole_number(cause.substr(0, end)).value_or(0);
}

}  // namespace bridge
