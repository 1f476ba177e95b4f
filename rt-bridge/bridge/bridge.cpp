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
constexpr int most_silences = 3;

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
      store_(store),
      log_(std::move(log)),
      answers_(configuration),
      intake_(tickets, configuration.rt.fields),
      judge_(configuration, tickets, releases, state_) {
    auto state = store_.load();
    first_time_ = !state;
    if (state) state_ = std::move(*state);
}

bool Bridge::pass(const Ready& ready) {
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
        if (ticket != 0 && judge_.release_of(ticket) == moved.release) latest[ticket] = moved;
    }
    for (const auto& [ticket, moved] : latest) {
        Request request;
        request.ticket = ticket;
        request.transaction = moved.number;
        request.kind = Request::Kind::follow;
        request.action = moved.release;
        request.by = moved.by;
        state_.open.push_back(std::move(request));
    }
    state_.followed = last;
    save();
}

/// Each round takes the oldest request of every ticket, so that equal moves of several tickets
/// become one commit, and the requests of one ticket stay in order.
void Bridge::work(const Ready& ready) {
    for (auto round = due(ready); !round.empty(); round = due(ready)) {
        try {
            begin(round);
            Jobs jobs;
            for (const rt::TicketId ticket : round) {
                guarded({ticket}, [&] { judge(ticket, jobs); });
            }
            carry_out(jobs);
        } catch (const std::exception&) {
            settle();
            throw;
        }
        settle();
        for (const rt::TicketId ticket : due(ready)) {
            if (first_of(ticket).answer) guarded({ticket}, [&] { tell(ticket); });
        }
    }
}

/// One over which the process has ended is alone in its round, so that no other is blamed for it.
std::vector<rt::TicketId> Bridge::due(const Ready& ready) const {
    std::vector<rt::TicketId> result;
    std::set<rt::TicketId> met;
    for (const Request& request : state_.open) {
        if (!met.insert(request.ticket).second || postponed_.contains(request.ticket)) continue;
        if (!ready(request.ticket)) continue;
        if (request.begun > 0 && !request.answer) return {request.ticket};
        result.push_back(request.ticket);
    }
    return result;
}

Request& Bridge::first_of(rt::TicketId ticket) {
    return *std::ranges::find(state_.open, ticket, &Request::ticket);
}

/// Written down before anything is read or done for them: when the process is here again and it
/// still stands there, it has ended meanwhile.
void Bridge::begin(const std::vector<rt::TicketId>& round) {
    bool any = false;
    for (const rt::TicketId ticket : round) {
        Request& request = first_of(ticket);
        if (request.answer || request.begun > most_begun) continue;
        ++request.begun;
        any = true;
    }
    if (any) save();
}

/// The process has not ended: what is still open was postponed, or has an answer.
void Bridge::settle() {
    bool any = false;
    for (Request& request : state_.open) {
        any = any || request.begun > 0;
        request.begun = 0;
    }
    if (any) save();
}

void Bridge::judge(rt::TicketId ticket, Jobs& jobs) {
    const Request request = first_of(ticket);
    if (request.answer) return;
    Judgement judgement = judge_.judge(request);
    if (auto* job = std::get_if<Job>(&judgement)) {
        if (!job->done) return jobs.push_back(std::move(*job));
        answer_done(*job, *job->done);
    } else if (auto* reply = std::get_if<Reply>(&judgement)) {
        if (!reply->permitted) ++counts_.not_permitted;
        answer(std::move(reply->request), std::move(reply->answer));
    } else if (std::holds_alternative<EndedTwice>(judgement)) {
        give_up(request);
    } else {
        if (const auto* left = std::get_if<LeftAlone>(&judgement)) leave_alone(request, *left);
        finish(ticket);
    }
}

void Bridge::give_up(const Request& request) {
    const std::string text = "the process that follows RT ended over it, twice";
    log_.warning(fmt::format("ticket {}: {}; {} is not tried again", request.ticket, text,
                             cause_of(request)));
    if (request.kind == Request::Kind::follow) return finish(request.ticket);
    answer(request,
           answers_.failed(request, {core::reason::process_ended, text,
                                     "Hand in less at once. The operator finds the cause in the "
                                     "log, and has it tried again with `sluice bridge retry`."}));
}

/// Nobody can ask for it any more.
void Bridge::leave_alone(const Request& request, const LeftAlone& left) {
    ++counts_.left_alone;
    const auto memory = state_.tickets.find(request.ticket);
    if (memory != state_.tickets.end()) {
        memory->second.failed.reset();
        if (memory->second.empty()) state_.tickets.erase(memory);
    }
    log_.note(fmt::format("ticket {} {}; its request {} is left alone", request.ticket, left.why,
                          cause_of(request)));
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
        guarded(tickets, [&] { perform(entry.second); });
    }
    for (Job& job : jobs) {
        if (job.decision.verb == rt::Verb::promote) continue;
        guarded({job.request.ticket}, [&] {
            perform({&job});
            tell(job.request.ticket);
        });
    }
}

void Bridge::perform(const Group& group) {
    Job& first = *group.front();
    try {
        if (first.decision.verb == rt::Verb::admit) {
            return answer_done(first, releases_.admit(judge_.handed_in(first), first.asked));
        }
        const std::uint64_t number =
            first.decision.verb == rt::Verb::promote
                ? releases_.promote(promotion_of(group), asked_by_all(group))
                : releases_.withdraw(first.decision.verb, first.release, first.asked);
        for (const Job* job : group) answer_done(*job, {number, job->release, false});
    } catch (const core::Refused& refused) {
        if (group.size() == 1) return answer_failed(first, refused);
        // One of them is to blame, which one is not known: each alone.
        for (Job* job : group) guarded({job->request.ticket}, [&] { perform({job}); });
    } catch (const core::Unconfirmed& unconfirmed) {
        for (Job* job : group) answer_unconfirmed(*job, unconfirmed);
    }
}

/// The ledger knows whether it was done. If it cannot tell now, the request waits until it can.
void Bridge::answer_unconfirmed(Job& job, const core::Unconfirmed& unconfirmed) {
    log_.warning(
        fmt::format("ticket {}: {}", job.request.ticket, core::escaped(unconfirmed.what())));
    const auto done = judge_.done_before(job.request, job.action);
    if (!done) throw core::Error("it was not done");
    job.remarks += answers_.unconfirmed(done->number);
    answer_done(job, *done);
}

void Bridge::answer_done(const Job& job, const Done& done) {
    const Request& request = job.request;
    if (done.dry_run) {
        Answer answer = answers_.dry_run(request, done);
        answer.comment += job.remarks;
        return this->answer(request, std::move(answer));
    }
    if (job.action == rt::Action::move_to_unverified) {
        const bool own = done.number != 0 || releases_.of_ticket(request.ticket) == done.release;
        state_.tickets[request.ticket].release = own ? std::string() : done.release;
    }
    Answer answer = answers_.done(request, job.action, done, releases_.view(done.release));
    answer.comment += job.remarks;
    this->answer(request, std::move(answer));
    log_.note(fmt::format("ticket {}: {} of {} by {}, operation {}", request.ticket,
                          rt::name(job.action), done.release, core::escaped(request.by),
                          done.number));
}

void Bridge::answer_failed(const Job& job, const core::Refused& refused) {
    Answer answer = answers_.failed(job.request, refused);
    answer.comment += job.remarks;
    this->answer(job.request, std::move(answer));
}

void Bridge::answer(Request request, Answer answer) {
    TicketMemory& memory = state_.tickets[request.ticket];
    request.begun = 0;
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
    first_of(request.ticket) = std::move(request);
    save();
}

void Bridge::tell(rt::TicketId ticket) {
    const Request request = first_of(ticket);
    try {
        tickets_.update(ticket, request.answer->update);
        if (!request.answer->comment.empty()) {
            tickets_.comment(ticket, comment_marker(request), request.answer->comment);
        }
    } catch (const http::Failure&) {
        throw;
    } catch (const core::Error&) {
        const auto left = judge_.left_alone(request, tickets_.ticket(ticket));
        if (!left) throw;
        leave_alone(request, *left);
    }
    silences_ = 0;
    finish(ticket);
}

void Bridge::finish(rt::TicketId ticket) {
    state_.open.erase(std::ranges::find(state_.open, ticket, &Request::ticket));
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
