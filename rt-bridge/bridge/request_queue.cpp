// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/request_queue.hpp"

#include <algorithm>
#include <iterator>

namespace bridge {

RequestQueue::RequestQueue(StateStore& store) : store_(store) {
    auto state = store_.load();
    new_ = !state;
    if (state) state_ = std::move(*state);
}

void RequestQueue::replace(State state) {
    if (!new_ && state == state_) return;
    state_ = std::move(state);
    save();
    new_ = false;
}

void RequestQueue::add(std::vector<Request> requests, std::uint64_t followed) {
    std::ranges::move(requests, std::back_inserter(state_.open));
    state_.followed = followed;
    save();
}

std::vector<rt::TicketId> RequestQueue::tickets(
    const std::function<bool(rt::TicketId)>& wanted) const {
    std::vector<rt::TicketId> result;
    std::set<rt::TicketId> met;
    for (const Request& request : state_.open) {
        if (!met.insert(request.ticket).second || !wanted(request.ticket)) continue;
        if (request.begun > 0 && !request.answer) return {request.ticket};
        result.push_back(request.ticket);
    }
    return result;
}

const Request& RequestQueue::first_of(rt::TicketId ticket) const {
    return *std::ranges::find(state_.open, ticket, &Request::ticket);
}

Request& RequestQueue::first(rt::TicketId ticket) {
    return *std::ranges::find(state_.open, ticket, &Request::ticket);
}

void RequestQueue::record_begun(const std::vector<rt::TicketId>& tickets) {
    bool any = false;
    for (const rt::TicketId ticket : tickets) {
        Request& request = first(ticket);
        if (request.answer || request.begun > most_begun) continue;
        ++request.begun;
        any = true;
    }
    if (any) save();
}

void RequestQueue::clear_begun() {
    bool any = false;
    for (Request& request : state_.open) {
        any = any || request.begun > 0;
        request.begun = 0;
    }
    if (any) save();
}

void RequestQueue::set_release(rt::TicketId ticket, const std::string& release) {
    state_.tickets[ticket].release = release;
}

void RequestQueue::record_answer(Request request, Answer answer) {
    TicketMemory& memory = state_.tickets[request.ticket];
    request.begun = 0;
    if (answer.failed) {
        memory.failed = request;
    } else if (!answer.update.fields.empty()) {
        memory.failed.reset();
    }
    if (memory.empty()) state_.tickets.erase(request.ticket);
    request.answer = std::move(answer);
    first(request.ticket) = std::move(request);
    save();
}

void RequestQueue::close(rt::TicketId ticket) {
    state_.open.erase(std::ranges::find(state_.open, ticket, &Request::ticket));
    save();
}

void RequestQueue::forget(rt::TicketId ticket) {
    const auto memory = state_.tickets.find(ticket);
    if (memory != state_.tickets.end()) {
        memory->second.failed.reset();
        if (memory->second.empty()) state_.tickets.erase(memory);
    }
    close(ticket);
}

bool RequestQueue::retry(rt::TicketId ticket) {
    if (is_open(state_, ticket)) return true;
    if (!can_retry(state_, ticket)) return false;
    Request request = *state_.tickets.at(ticket).failed;
    ++request.attempt;
    request.retried = std::max(state_.cursor, request.transaction);
    request.begun = 0;
    state_.open.push_back(std::move(request));
    save();
    return true;
}

}  // namespace bridge
