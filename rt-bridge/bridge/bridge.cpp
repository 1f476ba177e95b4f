// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/bridge.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/reason.hpp"
#include "core/text.hpp"
#include "rt-bridge/bridge/attachments.hpp"
#include "rt-bridge/bridge/provider_people.hpp"
#include "rt-bridge/http/failure.hpp"

namespace bridge {
namespace {

// A ticket can make single answers of RT fail (a huge attachment); so many in a row mean RT itself.
constexpr int most_silences = 3;

std::string comment_marker(const Request& request) {
    return "sluice:" + cause_of(request);
}

}  // namespace

/// A request that may be done now.
struct Bridge::Job {
    Request* request = nullptr;
    rt::Action action{};
    rt::Decision decision;
    rt::Ticket ticket;
    std::string release;
    bool emergency = false;

    core::Asked asked() const {
        core::Asked asked;
        asked.by = request->by;
        asked.reason = fmt::format("RT ticket {}", ticket.id);
        asked.cause = cause_of(*request);
        asked.emergency = emergency;
        return asked;
    }
};

Bridge::Bridge(const Configuration& configuration, rt::Tickets& tickets, Releases& releases,
               StateStore& store, Log log)
    : configuration_(configuration),
      tickets_(tickets),
      releases_(releases),
      store_(store),
      log_(std::move(log)),
      answers_(configuration),
      permission_(tickets, configuration.may, configuration.two_person),
      intake_(tickets, configuration.rt.fields) {
    auto state = store_.load();
    first_time_ = !state;
    if (state) state_ = std::move(*state);
}

bool Bridge::pass(const std::function<bool(rt::TicketId)>& ready) {
    ++counts_.passes;
    postponed_.clear();
    silences_ = 0;
    take_in();
    follow();
    work(ready);
    return postponed_.empty();
}

void Bridge::take_in() {
    Intake::Taken taken = intake_.take(state_, first_time_);
    if (first_time_) {
        taken.state.followed = releases_.last_operation();
        if (taken.left_alone > 0) {
            log_.note(
                fmt::format("{} tickets have a {} already and are left as they are until "
                            "something new is asked for",
                            taken.left_alone, configuration_.rt.fields.status));
        }
    }
    if (!first_time_ && taken.state == state_) return;
    state_ = std::move(taken.state);
    save();
    first_time_ = false;
}

void Bridge::follow() {
    const std::uint64_t last = releases_.last_operation();
    if (last == state_.followed) return;
    std::map<rt::TicketId, Moved> latest;
    for (const Moved& moved : releases_.moved_after(state_.followed)) {
        const rt::TicketId ticket = releases_.ticket_of(moved.release);
        if (ticket != 0 && release_of(ticket) == moved.release) latest[ticket] = moved;
    }
    for (const auto& [ticket, moved] : latest) {
        Request request;
        request.ticket = ticket;
        request.transaction = moved.number;
        request.kind = Request::Kind::follow;
        request.by = moved.by;
        request.answer = answers_.followed(moved, releases_.standing(moved.release),
                                           releases_.view(moved.release));
        state_.open.push_back(std::move(request));
    }
    state_.followed = last;
    save();
}

/// Each round takes the oldest request of every ticket, so that equal moves of several tickets
/// become one commit, and the requests of one ticket stay in order.
void Bridge::work(const std::function<bool(rt::TicketId)>& ready) {
    for (auto round = due(ready); !round.empty(); round = due(ready)) {
        Jobs jobs;
        for (Request* request : round) {
            guarded({request->ticket}, [&] { judge(*request, jobs); });
        }
        carry_out(jobs);
        for (Request* request : due(ready)) {
            if (request->answer) guarded({request->ticket}, [&] { tell(*request); });
        }
    }
}

std::vector<Request*> Bridge::due(const std::function<bool(rt::TicketId)>& ready) {
    std::vector<Request*> result;
    std::set<rt::TicketId> met;
    for (Request& request : state_.open) {
        if (!met.insert(request.ticket).second || postponed_.contains(request.ticket)) continue;
        if (ready(request.ticket)) result.push_back(&request);
    }
    return result;
}

void Bridge::judge(Request& request, Jobs& jobs) {
    if (request.answer) return;
    const auto ticket = tickets_.ticket(request.ticket);
    if (left_alone(request, ticket) || (request.kind == Request::Kind::mended && !mends(request))) {
        finish(request);
        return;
    }
    const auto action = rt::parse_action(request.action);
    if (!action) {
        const std::string text = "\"" + core::escaped(request.action) + "\" is no RepoAction";
        answer(request, answers_.not_permitted(request, {core::reason::bad_value, text}));
    } else if (const auto done = releases_.done_for(cause_of(request))) {
        answer_done(request, *action, *done);
    } else {
        decide(request, *action, *ticket, jobs);
    }
}

void Bridge::decide(Request& request, rt::Action action, const rt::Ticket& ticket, Jobs& jobs) {
    const std::string release = release_of(ticket.id);
    try {
        std::vector<std::string> submitters{ticket.creator};
        if (!release.empty()) submitters.push_back(releases_.view(release).by);
        permission_.check(request.by, action, submitters);
    } catch (const core::Refused& refused) {
        ++counts_.not_permitted;
        answer(request, answers_.not_permitted(request, refused));
        return;
    }
    const bool emergency = rt::parse_emergency(ticket.field(configuration_.rt.fields.emergency));
    const rt::Standing standing = releases_.standing(release);
    const rt::Decision decision = rt::decide(action, standing, emergency);
    if (decision.verb == rt::Verb::refuse) {
        answer(request, answers_.failed(request, {decision.code, decision.text, decision.remedy}));
    } else if (decision.verb == rt::Verb::nothing) {
        answer(request, answers_.nothing(request, action, standing, releases_.view(release)));
    } else {
        jobs.push_back({&request, action, decision, ticket, release, emergency});
    }
}

/// Is this something that may make a request succeed which failed before, and from somebody who
/// could make that request? If so it becomes that request.
bool Bridge::mends(Request& request) {
    const auto memory = state_.tickets.find(request.ticket);
    if (memory == state_.tickets.end() || !memory->second.failed) return false;
    const std::string& failed = memory->second.failed->action;
    const auto action = rt::parse_action(failed);
    const rt::FieldNames& fields = configuration_.rt.fields;
    const bool for_production = request.action == fields.emergency;
    const bool fits = for_production ? action == rt::Action::move_to_production
                                     : action == rt::Action::move_to_unverified;
    if (!fits) return false;
    if (request.action.empty()) {
        const auto attached = tickets_.attachments(request.ticket);
        const bool any = std::any_of(attached.begin(), attached.end(), [&](const auto& one) {
            return one.transaction == request.transaction && part_of(one) != Part::other;
        });
        if (!any) return false;
    }
    if (!permission_.may(request.by, *action)) return false;
    request.kind = Request::Kind::action;
    request.action = failed;
    return true;
}

bool Bridge::left_alone(const Request& request, const std::optional<rt::Ticket>& ticket) {
    std::string why;
    if (!ticket) {
        why = "does not exist, or our account may not see it";
    } else if (ticket->id != request.ticket) {
        why = fmt::format("was merged into ticket {}", ticket->id);
    } else if (ticket->status == "deleted") {
        why = "was deleted";
    } else if (ticket->queue != configuration_.rt.queue) {
        why = "was moved to the queue " + core::escaped(ticket->queue);
    } else {
        return false;
    }
    ++counts_.left_alone;
    log_.note(fmt::format("ticket {} {}; its request {} is left alone", request.ticket, why,
                          cause_of(request)));
    return true;
}

void Bridge::carry_out(Jobs& jobs) {
    std::map<std::pair<rt::Standing, bool>, Group> promotions;
    for (Job& job : jobs) {
        if (job.decision.verb == rt::Verb::promote) {
            promotions[{*job.decision.target, job.emergency}].push_back(&job);
        }
    }
    for (const auto& entry : promotions) {
        const Group& group = entry.second;
        std::set<rt::TicketId> tickets;
        for (const Job* job : group) tickets.insert(job->request->ticket);
        guarded(tickets, [&] { promote(group); });
    }
    for (Job& job : jobs) {
        if (job.decision.verb == rt::Verb::promote) continue;
        guarded({job.request->ticket}, [&] {
            carry_out_one(job);
            tell(*job.request);
        });
    }
}

void Bridge::promote(const Group& group) {
    std::vector<std::string> releases, by, reasons, causes;
    const auto add = [](std::vector<std::string>& list, const std::string& one) {
        if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
    };
    for (const Job* job : group) {
        const core::Asked asked = job->asked();
        add(releases, job->release);
        add(by, asked.by);
        add(reasons, asked.reason);
        add(causes, asked.cause);
    }
    const Job& first = *group.front();
    core::Asked asked = first.asked();
    asked.by = core::join(by, ", ");
    asked.reason = core::join(reasons, ", ");
    asked.cause = core::join(causes, " ");
    try {
        const std::uint64_t number =
            releases_.move(rt::Verb::promote, releases, *first.decision.target, asked);
        for (const Job* job : group) {
            answer_done(*job->request, job->action, {number, job->release, false});
        }
    } catch (const core::Refused& refused) {
        if (group.size() == 1) {
            answer(*first.request, answers_.failed(*first.request, refused));
            return;
        }
        // One of them is at fault: the others must not suffer.
        for (Job* job : group) {
            guarded({job->request->ticket}, [&] { promote({job}); });
        }
    }
}

void Bridge::carry_out_one(Job& job) {
    Request& request = *job.request;
    try {
        if (job.decision.verb == rt::Verb::admit) {
            core::Asked asked = job.asked();
            asked.introduction.of_people = providers_of({job.ticket.creator, request.by},
                                                        configuration_.providers, tickets_);
            const Done done = releases_.admit(job.ticket, asked);
            if (!done.dry_run) {
                const bool own =
                    done.number != 0 || releases_.of_ticket(job.ticket.id) == done.release;
                state_.tickets[job.ticket.id].release = own ? std::string() : done.release;
            }
            answer_done(request, job.action, done);
        } else {
            const std::uint64_t number =
                releases_.move(job.decision.verb, {job.release}, *job.decision.target, job.asked());
            answer_done(request, job.action, {number, job.release, false});
        }
    } catch (const core::Refused& refused) {
        answer(request, answers_.failed(request, refused));
    }
}

void Bridge::answer_done(Request& request, rt::Action action, const Done& done) {
    if (done.dry_run) {
        answer(request, answers_.dry_run(request, done));
        return;
    }
    const ReleaseView view = releases_.view(done.release);
    answer(request, answers_.done(request, action, done, releases_.standing(done.release), view));
    log_.note(fmt::format("ticket {}: {} of {} by {}, operation {}", request.ticket,
                          rt::name(action), done.release, core::escaped(request.by), done.number));
}

void Bridge::answer(Request& request, Answer answer) {
    TicketMemory& memory = state_.tickets[request.ticket];
    if (answer.failed) {
        ++counts_.failed;
        memory.failed = request;
        log_.note(fmt::format("ticket {}: {} by {} is refused", request.ticket,
                              core::escaped(request.action), core::escaped(request.by)));
    } else if (!answer.update.fields.empty()) {
        ++counts_.done;
        memory.failed.reset();
    }
    if (memory.empty()) state_.tickets.erase(request.ticket);
    request.answer = std::move(answer);
    save();
}

void Bridge::tell(Request& request) {
    try {
        tickets_.update(request.ticket, request.answer->update);
        if (!request.answer->comment.empty()) {
            tickets_.comment(request.ticket, comment_marker(request), request.answer->comment);
        }
    } catch (const http::Failure&) {
        throw;
    } catch (const core::Error&) {
        if (!left_alone(request, tickets_.ticket(request.ticket))) throw;
    }
    silences_ = 0;
    finish(request);
}

void Bridge::finish(Request& request) {
    state_.open.remove_if([&](const Request& one) { return &one == &request; });
    save();
}

/// An operator's error postpones the tickets that it stopped, and no others.
void Bridge::guarded(const std::set<rt::TicketId>& tickets, const std::function<void()>& action) {
    const auto postpone = [&](const std::string& what) {
        for (const rt::TicketId ticket : tickets) {
            postponed_.insert(ticket);
            ++counts_.postponed;
            log_.warning(fmt::format("ticket {} is postponed: {}", ticket, core::escaped(what)));
        }
    };
    try {
        action();
    } catch (const http::Failure& failure) {
        postpone(failure.what());
        if (failure.trouble() == http::Trouble::unreachable || ++silences_ >= most_silences) throw;
    } catch (const std::exception& error) {
        postpone(error.what());
    }
}

bool Bridge::retry(rt::TicketId ticket) {
    const bool waiting = std::any_of(state_.open.begin(), state_.open.end(),
                                     [&](const Request& one) { return one.ticket == ticket; });
    if (waiting) return true;
    const auto memory = state_.tickets.find(ticket);
    if (memory == state_.tickets.end() || !memory->second.failed) return false;
    Request request = *memory->second.failed;
    ++request.attempt;
    state_.open.push_back(std::move(request));
    save();
    return true;
}

std::string Bridge::release_of(rt::TicketId ticket) {
    const auto memory = state_.tickets.find(ticket);
    if (memory != state_.tickets.end() && !memory->second.release.empty()) {
        return memory->second.release;
    }
    return releases_.of_ticket(ticket);
}

}  // namespace bridge
