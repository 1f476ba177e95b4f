// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/judge.hpp"

#include <fmt/format.h>

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/bridge/attachments.hpp"

namespace bridge {

Judge::Judge(const Configuration& configuration, rt::Tickets& tickets, Releases& releases,
             const State& state)
    : configuration_(configuration),
      tickets_(tickets),
      releases_(releases),
      state_(state),
      answers_(configuration),
      permission_(tickets, configuration.may, configuration.two_person) {}

Judgement Judge::judge(Request request) {
    if (asks_nothing(request)) return Nothing();
    // Without another look at what may be too much for the process.
    if (request.begun > most_begun && !releases_.done_for(cause_of(request))) return EndedTwice();
    const rt::Ticket ticket = tickets_.ticket(request.ticket);
    if (auto left = left_alone(request, ticket)) return *std::move(left);
    if (request.kind == Request::Kind::follow) return judge_move(std::move(request));
    if (request.kind == Request::Kind::mended && !becomes_retry(request)) {
        return judge_message(std::move(request));
    }
    return judge_action(std::move(request), ticket);
}

/// Most messages and changes of fields: nothing failed that they might mend, and there is no
/// release that they come too late for.
bool Judge::asks_nothing(const Request& request) {
    return request.kind == Request::Kind::mended && failed(request.ticket) == nullptr &&
           (!request.action.empty() || release_of(request.ticket).empty());
}

std::optional<LeftAlone> Judge::left_alone(const Request& request, const rt::Ticket& ticket) const {
    if (ticket.id != request.ticket) {
        return LeftAlone{fmt::format("was merged into ticket {}", ticket.id)};
    }
    if (ticket.deleted) return LeftAlone{"was deleted"};
    if (ticket.queue == configuration_.rt.queue) return std::nullopt;
    return LeftAlone{"was moved to the queue " + core::escaped(ticket.queue)};
}

/// Somebody moved the ticket's release without it.
Judgement Judge::judge_move(Request request) {
    for (const Moved& moved : releases_.moved_after(request.transaction - 1)) {
        if (moved.number != request.transaction || moved.release != request.action) continue;
        Answer answer = answers_.followed(moved, releases_.view(moved.release));
        return Reply{std::move(request), std::move(answer)};
    }
    throw core::Error(fmt::format("the ledger has no operation {} that moved {}",
                                  request.transaction, core::escaped(request.action)));
}

Judgement Judge::judge_message(Request request) {
    const std::string release = release_of(request.ticket);
    if (!request.action.empty() || release.empty()) return Nothing();
    const auto attached = attached_with(request);
    if (attached.empty()) return Nothing();
    Answer answer = answers_.late(request, attached, releases_.view(release));
    return Reply{std::move(request), std::move(answer)};
}

Judgement Judge::judge_action(Request request, const rt::Ticket& ticket) {
    Provenance provenance(ticket, tickets_.history(ticket.id), request.up_to());
    if (request.kind == Request::Kind::created) {
        request.kind = Request::Kind::action;
        request.action = provenance.made_with(configuration_.rt.fields.action);
    }
    if (request.action.empty()) return Nothing();
    const auto action = rt::parse_action(request.action);
    if (!action) {
        const std::string text = "\"" + core::escaped(request.action) + "\" is no RepoAction";
        return Reply{request, answers_.not_permitted(request, {core::reason::bad_value, text})};
    }
    Job job{std::move(request), *action, std::move(provenance), release_of(ticket.id)};
    job.done = done_before(job.request, *action);
    if (job.done) return job;
    return decide(std::move(job));
}

std::optional<Done> Judge::done_before(const Request& request, rt::Action action) {
    auto done = releases_.done_for(cause_of(request));
    if (done && action != rt::Action::move_to_unverified)
        done->release = release_of(request.ticket);
    return done;
}

Judgement Judge::decide(Job job) {
    const Request& request = job.request;
    const ReleaseView view = job.release.empty() ? ReleaseView() : releases_.view(job.release);
    try {
        People submitters = job.provenance.people();
        submitters.insert(submitters.end(), view.submitters.begin(), view.submitters.end());
        permission_.check(request.by, job.action, submitters);
    } catch (const core::Refused& refused) {
        return Reply{request, answers_.not_permitted(request, refused), false};
    }
    job.asked.by = request.by;
    job.asked.reason = fmt::format("RT ticket {}", request.ticket);
    job.asked.cause = cause_of(request);
    // Who set the field must be one who may: it is not enough that it says so.
    const Setting emergency = job.provenance.setting(configuration_.rt.fields.emergency);
    if (rt::parse_emergency(emergency.value)) {
        job.emergency = permission_.is_one_of(emergency.by, configuration_.may_grant_emergency);
        if (!job.emergency) job.remarks = answers_.only_asked(core::escaped(emergency.by));
    }
    const rt::Standing standing = job.release.empty() ? rt::Standing() : view.stage;
    job.decision = configuration_.actions.decide(job.action, standing, job.emergency);
    const rt::Decision& decision = job.decision;
    if (decision.verb == rt::Verb::nothing) {
        return Reply{request, answers_.nothing(request, job.action, view)};
    }
    if (decision.verb != rt::Verb::refuse) return job;
    Answer answer = answers_.failed(request, {decision.code, decision.text, decision.remedy});
    answer.comment += job.remarks;
    return Reply{request, std::move(answer)};
}

/// Is this something that may make a request succeed which failed before, and from somebody who
/// could make that request? If so it becomes that request.
bool Judge::becomes_retry(Request& request) {
    const Request* failed = this->failed(request.ticket);
    if (failed == nullptr) return false;
    const auto action = rt::parse_action(failed->action);
    if (!action) return false;
    const bool for_production = request.action == configuration_.rt.fields.emergency;
    const bool fits = for_production ? action == rt::Action::move_to_production
                                     : action == rt::Action::move_to_unverified;
    if (!fits) return false;
    if (request.action.empty() && attached_with(request).empty()) return false;
    if (!permission_.may(request.by, *action)) return false;
    request.kind = Request::Kind::action;
    request.action = failed->action;
    return true;
}

/// Names of what may be part of a release and came with this message.
std::vector<std::string> Judge::attached_with(const Request& request) {
    std::vector<std::string> names;
    for (const rt::Attachment& one : tickets_.attachments(request.ticket)) {
        if (one.transaction != request.transaction || part_of(one) == Part::other) continue;
        names.push_back(core::escaped(one.name));
    }
    return names;
}

/// By those whose bytes count: for whom the ticket stands, or who may ask for an admission.
Offer Judge::offer_of(const Job& job) {
    const auto may = [&](const std::string& user) {
        return permission_.may(user, rt::Action::move_to_unverified);
    };
    const People providers = job.provenance.providers(may);
    Offer offer =
        job.provenance.offer(tickets_.attachments(job.request.ticket), configuration_.rt.fields,
                             [&](const std::string& user) {
                                 return permission_.is_one_of(user, providers) || may(user);
                             });
    offer.people = providers;
    offer.people.push_back(job.request.by);
    return offer;
}

HandedIn Judge::handed_in(Job& job) {
    const Offer offer = offer_of(job);
    job.remarks += answers_.passed_over(offer.passed_over);
    HandedIn handed_in = choose(offer.attachments);
    handed_in.sync_url = offer.sync_url.value;
    handed_in.admission.line = offer.line.value;
    handed_in.admission.emergency = job.emergency;
    People& submitters = handed_in.admission.submitters = job.provenance.people();
    if (handed_in.descriptor) submitters.push_back(handed_in.descriptor->creator);
    for (const rt::Attachment& one : handed_in.bundle) submitters.push_back(one.creator);
    for (const Setting& one : {offer.sync_url, offer.line}) {
        if (!one.value.empty()) submitters.push_back(one.by);
    }
    handed_in.admission.introduction.of_people =
        permission_.providers_of(offer.people, configuration_.providers);
    return handed_in;
}

const Request* Judge::failed(rt::TicketId ticket) const {
    const auto memory = state_.tickets.find(ticket);
    return memory != state_.tickets.end() && memory->second.failed ? &*memory->second.failed
                                                                   : nullptr;
}

std::string Judge::release_of(rt::TicketId ticket) {
    const auto memory = state_.tickets.find(ticket);
    if (memory != state_.tickets.end() && !memory->second.release.empty()) {
        return memory->second.release;
    }
    return releases_.of_ticket(ticket);
}

}  // namespace bridge
