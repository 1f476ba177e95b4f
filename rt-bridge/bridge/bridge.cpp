// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/bridge.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/work/commit.hpp"
#include "rt-bridge/http/failure.hpp"

namespace bridge {
namespace {

// A ticket can make single answers of RT fail (a huge attachment); so many in a row mean RT itself.
constexpr int most_failures_in_a_row = 3;

void add(std::vector<std::string>& list, const std::string& one) {
    if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

core::Asked asked_by_all(const std::vector<Job*>& group) {
    std::vector<std::string> by, reasons, causes;
    for (const Job* job : group) {
        add(by, job->asked.by);
        add(reasons, job->asked.reason);
        add(causes, job->asked.cause);
    }
    core::Asked asked = group.front()->asked;
    asked.by = core::join(by, ", ");
    asked.reason = core::join(reasons, ", ");
    asked.cause = core::join(causes, " ");
    return asked;
}

core::Promotion promotion_of(const std::vector<Job*>& group) {
    core::Promotion promotion;
    for (const Job* job : group) add(promotion.releases, job->release);
    promotion.to = group.front()->decision.target;
    promotion.emergency = group.front()->emergency;
    return promotion;
}

std::string comment_marker(const Request& request) {
    return "sluice:" + cause_of(request);
}

}  // namespace

Bridge::Bridge(const Configuration& configuration, rt::Tickets& tickets, Releases& releases,
               StateStore& store, Log log)
    : configuration_(configuration),
      tickets_(tickets),
      releases_(releases),
      log_(std::move(log)),
      answers_(configuration),
      intake_(tickets, configuration.rt.fields),
      queue_(store),
      judge_(configuration, tickets, releases, queue_.state()) {}

bool Bridge::pass(const Ready& ready) {
    ++counts_.passes;
    postponed_.clear();
    failures_in_a_row_ = 0;
    take_in_changes();
    take_in_moves();
    handle_requests(ready);
    return postponed_.empty();
}

/// What RT tells.
void Bridge::take_in_changes() {
    Intake::Taken taken = intake_.take(queue_.state(), queue_.is_new());
    if (queue_.is_new()) taken.state.followed = releases_.last_operation();
    if (taken.left_alone > 0) {
        log_.info(
            fmt::format("{} tickets have a {} already and are left as they are until "
                        "something new is asked for",
                        taken.left_alone, configuration_.rt.fields.status));
    }
    queue_.replace(std::move(taken.state));
}

/// What the ledger tells: releases of tickets that were moved by others.
void Bridge::take_in_moves() {
    const std::uint64_t followed = queue_.state().followed;
    const std::uint64_t last = releases_.last_operation();
    if (last == followed) return;
    std::map<rt::TicketId, Moved> latest;
    for (const Moved& moved : releases_.moved_after(followed)) {
        const rt::TicketId ticket = releases_.ticket_of(moved.release);
        if (ticket != 0 && judge_.release_of(ticket) == moved.release) latest[ticket] = moved;
    }
    std::vector<Request> requests;
    for (const auto& [ticket, moved] : latest) {
        Request& request = requests.emplace_back();
        request.ticket = ticket;
        request.transaction = moved.number;
        request.kind = Request::Kind::follow;
        request.action = moved.release;
        request.by = moved.by;
    }
    queue_.add(std::move(requests), last);
}

/// Each round takes the oldest request of every ticket, so that equal moves of several tickets
/// become one commit, and the requests of one ticket stay in order.
void Bridge::handle_requests(const Ready& ready) {
    const auto due = [&] {
        return queue_.tickets(
            [&](rt::TicketId ticket) { return !postponed_.contains(ticket) && ready(ticket); });
    };
    for (auto round = due(); !round.empty(); round = due()) {
        try {
            queue_.record_begun(round);
            Jobs jobs;
            for (const rt::TicketId ticket : round) {
                postpone_on_error({ticket}, [&] { judge(ticket, jobs); });
            }
            carry_out(jobs);
        } catch (const std::exception&) {
            queue_.clear_begun();
            throw;
        }
        queue_.clear_begun();
        for (const rt::TicketId ticket : due()) {
            if (!queue_.first_of(ticket).answer) continue;
            postpone_on_error({ticket}, [&] { tell(ticket); });
        }
    }
}

void Bridge::judge(rt::TicketId ticket, Jobs& jobs) {
    const Request request = queue_.first_of(ticket);
    if (request.answer) return;
    Judgement judgement = judge_.judge(request);
    if (auto* job = std::get_if<Job>(&judgement)) {
        if (!job->done) return jobs.push_back(std::move(*job));
        record_done(*job, *job->done);
    } else if (auto* reply = std::get_if<Reply>(&judgement)) {
        if (!reply->permitted) ++counts_.not_permitted;
        record_answer(std::move(reply->request), std::move(reply->answer));
    } else if (std::holds_alternative<EndedTwice>(judgement)) {
        give_up(request);
    } else if (const auto* left = std::get_if<LeftAlone>(&judgement)) {
        leave_alone(request, *left);
    } else {
        queue_.close(ticket);
    }
}

void Bridge::give_up(const Request& request) {
    const std::string text = "the process that follows RT ended over it, twice";
    log_.warning(fmt::format("ticket {}: {}; {} is not tried again", request.ticket, text,
                             cause_of(request)));
    if (request.kind == Request::Kind::follow) return queue_.close(request.ticket);
    record_answer(
        request,
        answers_.failed(request, {core::reason::process_ended, text,
                                  "Hand in less at once. The operator finds the cause in the "
                                  "log, and has it tried again with `sluice bridge retry`."}));
}

/// Nobody can ask for it any more.
void Bridge::leave_alone(const Request& request, const LeftAlone& left) {
    ++counts_.left_alone;
    log_.info(fmt::format("ticket {} {}; its request {} is left alone", request.ticket, left.why,
                          cause_of(request)));
    queue_.forget(request.ticket);
}

/// Equal promotions of several tickets are one commit.
void Bridge::carry_out(Jobs& jobs) {
    std::map<std::pair<std::string, bool>, Group> promotions;
    for (Job& job : jobs) {
        if (job.decision.verb != rt::Verb::promote) continue;
        promotions[{job.decision.target, job.emergency}].push_back(&job);
    }
    for (const auto& entry : promotions) {
        std::set<rt::TicketId> tickets;
        for (const Job* job : entry.second) tickets.insert(job->request.ticket);
        postpone_on_error(tickets, [&] { perform(entry.second); });
    }
    for (Job& job : jobs) {
        if (job.decision.verb == rt::Verb::promote) continue;
        postpone_on_error({job.request.ticket}, [&] {
            perform({&job});
            tell(job.request.ticket);
        });
    }
}

void Bridge::perform(const Group& group) {
    Job& first = *group.front();
    try {
        if (first.decision.verb == rt::Verb::admit) {
            return record_done(first, releases_.admit(judge_.handed_in(first), first.asked));
        }
        const std::uint64_t number =
            first.decision.verb == rt::Verb::promote
                ? releases_.promote(promotion_of(group), asked_by_all(group))
                : releases_.withdraw(first.decision.verb, first.release, first.asked);
        for (const Job* job : group) record_done(*job, {number, job->release, false});
    } catch (const core::Refused& refused) {
        if (group.size() == 1) return record_refused(first, refused);
        // One of them is to blame, which one is not known: each alone.
        for (Job* job : group) postpone_on_error({job->request.ticket}, [&] { perform({job}); });
    } catch (const core::Unconfirmed& unconfirmed) {
        for (Job* job : group) record_unconfirmed(*job, unconfirmed);
    }
}

/// The ledger knows whether it was done. If it cannot tell now, the request waits until it can.
void Bridge::record_unconfirmed(Job& job, const core::Unconfirmed& unconfirmed) {
    log_.warning(
        fmt::format("ticket {}: {}", job.request.ticket, core::escaped(unconfirmed.what())));
    const auto done = judge_.done_before(job.request, job.action);
    if (!done) throw core::Error("it was not done");
    job.remarks += answers_.unconfirmed(done->number);
    record_done(job, *done);
}

void Bridge::record_done(const Job& job, const Done& done) {
    const Request& request = job.request;
    if (done.dry_run) {
        Answer answer = answers_.dry_run(request, done);
        answer.comment += job.remarks;
        return record_answer(request, std::move(answer));
    }
    if (job.action == rt::Action::move_to_unverified) {
        const bool own = done.number != 0 || releases_.of_ticket(request.ticket) == done.release;
        queue_.set_release(request.ticket, own ? std::string() : done.release);
    }
    Answer answer = answers_.done(request, job.action, done, releases_.view(done.release));
    answer.comment += job.remarks;
    record_answer(request, std::move(answer));
    log_.info(fmt::format("ticket {}: {} of {} by {}, operation {}", request.ticket,
                          rt::name(job.action), done.release, core::escaped(request.by),
                          done.number));
}

void Bridge::record_refused(const Job& job, const core::Refused& refused) {
    Answer answer = answers_.failed(job.request, refused);
    answer.comment += job.remarks;
    record_answer(job.request, std::move(answer));
}

void Bridge::record_answer(Request request, Answer answer) {
    if (answer.failed) {
        ++counts_.failed;
        log_.info(fmt::format("ticket {}: {} by {} is refused", request.ticket,
                              core::escaped(request.action), core::escaped(request.by)));
    } else if (!answer.update.fields.empty()) {
        ++counts_.done;
    }
    queue_.record_answer(std::move(request), std::move(answer));
}

void Bridge::tell(rt::TicketId ticket) {
    const Request request = queue_.first_of(ticket);
    std::optional<LeftAlone> left;
    try {
        tickets_.update(ticket, request.answer->update);
        if (!request.answer->comment.empty()) {
            tickets_.comment(ticket, comment_marker(request), request.answer->comment);
        }
    } catch (const http::Failure&) {
        throw;
    } catch (const core::Error&) {
        left = judge_.left_alone(request, tickets_.ticket(ticket));
        if (!left) throw;
    }
    failures_in_a_row_ = 0;
    if (left) return leave_alone(request, *left);
    queue_.close(ticket);
}

/// An operator's error postpones the tickets that it stopped, and no others.
void Bridge::postpone_on_error(const std::set<rt::TicketId>& tickets,
                               const std::function<void()>& action) {
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
        if (failure.trouble() == http::Trouble::unreachable ||
            ++failures_in_a_row_ >= most_failures_in_a_row)
            throw;
    } catch (const std::exception& error) {
        postpone(error.what());
    }
}

}  // namespace bridge
