// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/bridge.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/commit.hpp"
#include "core/reason.hpp"
#include "core/text.hpp"
#include "rt-bridge/bridge/attachments.hpp"
#include "rt-bridge/http/failure.hpp"

namespace bridge {
namespace {

// A ticket can make single answers of RT fail (a huge attachment); so many in a row mean RT itself.
constexpr int most_silences = 3;

// What ended the process so often is not tried again.
constexpr int most_begun = 2;

std::string comment_marker(const Request& request) {
    return "sluice:" + cause_of(request);
}

}  // namespace

/// A request that may be done now.
struct Bridge::Job {
    Request* request = nullptr;
    rt::Action action{};
    rt::Decision decision;
    std::string release;
    core::Asked asked;
    Provenance provenance;
    std::string remarks;  // for the end of the comment
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
        request.action = moved.release;
        request.by = moved.by;
        state_.open.push_back(std::move(request));
    }
    state_.followed = last;
    save();
}

/// Each round takes the oldest request of every ticket, so that equal moves of several tickets
/// become one commit, and the requests of one ticket stay in order.
void Bridge::work(const std::function<bool(rt::TicketId)>& ready) {
    for (auto round = due(ready); !round.empty(); round = due(ready)) {
        try {
            begin(round);
            Jobs jobs;
            for (Request* request : round) {
                guarded({request->ticket}, [&] { judge(*request, jobs); });
            }
            carry_out(jobs);
        } catch (const std::exception&) {
            settle();
            throw;
        }
        settle();
        for (Request* request : due(ready)) {
            if (request->answer) guarded({request->ticket}, [&] { tell(*request); });
        }
    }
}

/// One over which the process has ended is alone in its round, so that no other is blamed for it.
std::vector<Request*> Bridge::due(const std::function<bool(rt::TicketId)>& ready) {
    std::vector<Request*> result;
    std::set<rt::TicketId> met;
    for (Request& request : state_.open) {
        if (!met.insert(request.ticket).second || postponed_.contains(request.ticket)) continue;
        if (!ready(request.ticket)) continue;
        if (request.begun > 0 && !request.answer) return {&request};
        result.push_back(&request);
    }
    return result;
}

/// Written down before anything is read or done for them: when the process is here again and it
/// still stands there, it has ended meanwhile.
void Bridge::begin(const std::vector<Request*>& round) {
    bool any = false;
    for (Request* request : round) {
        if (request->answer || request->begun > most_begun) continue;
        ++request->begun;
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

void Bridge::judge(Request& request, Jobs& jobs) {
    if (request.answer) return;
    if (says_nothing(request)) {
        finish(request);
        return;
    }
    if (request.begun > most_begun && !releases_.done_for(cause_of(request))) {
        give_up(request);
        return;
    }
    const rt::Ticket ticket = tickets_.ticket(request.ticket);
    if (left_alone(request, ticket)) {
        finish(request);
    } else if (request.kind == Request::Kind::follow) {
        judge_move(request);
    } else if (request.kind == Request::Kind::mended && !mends(request)) {
        judge_message(request);
    } else {
        judge_action(request, ticket, jobs);
    }
}

/// Without another look at what may be too much for the process.
void Bridge::give_up(Request& request) {
    const std::string text = "the process that follows RT ended over it, twice";
    log_.warning(fmt::format("ticket {}: {}; {} is not tried again", request.ticket, text,
                             cause_of(request)));
    if (request.kind == Request::Kind::follow) {
        finish(request);
        return;
    }
    answer(request,
           answers_.failed(request, {core::reason::process_ended, text,
                                     "Hand in less at once. The operator finds the cause in the "
                                     "log, and has it tried again with `sluice bridge retry`."}));
}

/// Most messages and changes of fields: nothing failed that they might mend, and there is no
/// release that they come too late for.
bool Bridge::says_nothing(const Request& request) {
    if (request.kind != Request::Kind::mended) return false;
    const auto memory = state_.tickets.find(request.ticket);
    const bool failed = memory != state_.tickets.end() && memory->second.failed;
    return !failed && (!request.action.empty() || release_of(request.ticket).empty());
}

/// Somebody moved the ticket's release without it.
void Bridge::judge_move(Request& request) {
    for (const Moved& moved : releases_.moved_after(request.transaction - 1)) {
        if (moved.number != request.transaction || moved.release != request.action) continue;
        answer(request, answers_.followed(moved, releases_.view(moved.release)));
        return;
    }
    throw core::Error(fmt::format("the ledger has no operation {} that moved {}",
                                  request.transaction, core::escaped(request.action)));
}

void Bridge::judge_message(Request& request) {
    const std::string release = release_of(request.ticket);
    const auto attached = request.action.empty() && !release.empty() ? attached_with(request)
                                                                     : std::vector<std::string>();
    if (attached.empty()) {
        finish(request);
    } else {
        answer(request, answers_.late(request, attached, releases_.view(release)));
    }
}

void Bridge::judge_action(Request& request, const rt::Ticket& ticket, Jobs& jobs) {
    const Provenance provenance(ticket, tickets_.history(ticket.id), request.up_to());
    if (request.kind == Request::Kind::created) {
        request.kind = Request::Kind::action;
        request.action = provenance.made_with(configuration_.rt.fields.action);
    }
    const auto action = rt::parse_action(request.action);
    if (request.action.empty()) {
        finish(request);
    } else if (!action) {
        const std::string text = "\"" + core::escaped(request.action) + "\" is no RepoAction";
        answer(request, answers_.not_permitted(request, {core::reason::bad_value, text}));
    } else if (const auto done = done_before(request, *action)) {
        Job job{&request, *action, {}, done->release, {}, provenance, {}};
        answer_done(job, *done);
    } else {
        decide(request, *action, ticket, provenance, jobs);
    }
}

/// What was committed for this request, though nobody is told of it yet.
std::optional<Done> Bridge::done_before(const Request& request, rt::Action action) {
    auto done = releases_.done_for(cause_of(request));
    if (!done) return done;
    if (action == rt::Action::move_to_unverified) {
        state_.tickets[request.ticket].release.clear();  // the ticket has one of its own now
    } else {
        done->release = release_of(request.ticket);
    }
    return done;
}

void Bridge::decide(Request& request, rt::Action action, const rt::Ticket& ticket,
                    const Provenance& provenance, Jobs& jobs) {
    const std::string release = release_of(ticket.id);
    const ReleaseView view = release.empty() ? ReleaseView() : releases_.view(release);
    try {
        People submitters = provenance.people();
        submitters.insert(submitters.end(), view.submitters.begin(), view.submitters.end());
        permission_.check(request.by, action, submitters);
    } catch (const core::Refused& refused) {
        ++counts_.not_permitted;
        answer(request, answers_.not_permitted(request, refused));
        return;
    }
    Job job{&request, action, {}, release, {}, provenance, {}};
    job.asked.by = request.by;
    job.asked.reason = fmt::format("RT ticket {}", ticket.id);
    job.asked.cause = cause_of(request);
    // Who set the field must be one who may: it is not enough that it says so.
    const Setting emergency = provenance.setting(configuration_.rt.fields.emergency);
    if (rt::parse_emergency(emergency.value)) {
        job.asked.emergency =
            permission_.is_one_of(emergency.by, configuration_.may_grant_emergency);
        if (!job.asked.emergency) job.remarks = answers_.only_asked(core::escaped(emergency.by));
    }
    const rt::Standing standing = release.empty() ? rt::Standing() : view.stage;
    job.decision = configuration_.actions.decide(action, standing, job.asked.emergency);
    const rt::Decision& decision = job.decision;
    if (decision.verb == rt::Verb::refuse) {
        answer_failed(job, {decision.code, decision.text, decision.remedy});
    } else if (decision.verb == rt::Verb::nothing) {
        answer(request, answers_.nothing(request, action, view));
    } else {
        jobs.push_back(std::move(job));
    }
}

/// Is this something that may make a request succeed which failed before, and from somebody who
/// could make that request? If so it becomes that request.
bool Bridge::mends(Request& request) {
    const auto memory = state_.tickets.find(request.ticket);
    if (memory == state_.tickets.end() || !memory->second.failed) return false;
    const std::string& failed = memory->second.failed->action;
    const auto action = rt::parse_action(failed);
    if (!action) return false;
    const rt::FieldNames& fields = configuration_.rt.fields;
    const bool for_production = request.action == fields.emergency;
    const bool fits = for_production ? action == rt::Action::move_to_production
                                     : action == rt::Action::move_to_unverified;
    if (!fits) return false;
    if (request.action.empty() && attached_with(request).empty()) return false;
    if (!permission_.may(request.by, *action)) return false;
    request.kind = Request::Kind::action;
    request.action = failed;
    return true;
}

/// Names of what may be part of a release and came with this message.
std::vector<std::string> Bridge::attached_with(const Request& request) {
    std::vector<std::string> names;
    for (const rt::Attachment& one : tickets_.attachments(request.ticket)) {
        if (one.transaction != request.transaction || part_of(one) == Part::other) continue;
        names.push_back(core::escaped(one.name));
    }
    return names;
}

/// Only what RT says for certain ends a request. That it does not show a ticket is no such thing.
bool Bridge::left_alone(const Request& request, const rt::Ticket& ticket) {
    std::string why;
    if (ticket.id != request.ticket) {
        why = fmt::format("was merged into ticket {}", ticket.id);
    } else if (ticket.deleted) {
        why = "was deleted";
    } else if (ticket.queue != configuration_.rt.queue) {
        why = "was moved to the queue " + core::escaped(ticket.queue);
    } else {
        return false;
    }
    ++counts_.left_alone;
    state_.tickets[request.ticket].failed.reset();  // nobody can ask for it any more
    if (state_.tickets[request.ticket].empty()) state_.tickets.erase(request.ticket);
    log_.note(fmt::format("ticket {} {}; its request {} is left alone", request.ticket, why,
                          cause_of(request)));
    return true;
}

void Bridge::carry_out(Jobs& jobs) {
    std::map<std::pair<std::string, bool>, Group> promotions;
    for (Job& job : jobs) {
        if (job.decision.verb == rt::Verb::promote) {
            promotions[{job.decision.target, job.asked.emergency}].push_back(&job);
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
        add(releases, job->release);
        add(by, job->asked.by);
        add(reasons, job->asked.reason);
        add(causes, job->asked.cause);
    }
    core::Asked asked = group.front()->asked;
    asked.by = core::join(by, ", ");
    asked.reason = core::join(reasons, ", ");
    asked.cause = core::join(causes, " ");
    try {
        const std::uint64_t number =
            releases_.move(rt::Verb::promote, releases, group.front()->decision.target, asked);
        for (Job* job : group) answer_done(*job, {number, job->release, false});
    } catch (const core::Refused& refused) {
        if (group.size() == 1) {
            answer_failed(*group.front(), refused);
            return;
        }
        // One of them is to blame, which one is not known: each alone.
        for (Job* job : group) {
            guarded({job->request->ticket}, [&] { promote({job}); });
        }
    } catch (const core::Unconfirmed& unconfirmed) {
        for (Job* job : group) answer_unconfirmed(*job, unconfirmed);
    }
}

/// By those whose bytes count: for whom the ticket stands, or who may ask for an admission.
Offer Bridge::offer_of(const Job& job) {
    const auto may = [&](const std::string& user) {
        return permission_.may(user, rt::Action::move_to_unverified);
    };
    const People providers = job.provenance.providers(may);
    Offer offer =
        job.provenance.offer(tickets_.attachments(job.request->ticket), configuration_.rt.fields,
                             [&](const std::string& user) {
                                 return permission_.is_one_of(user, providers) || may(user);
                             });
    offer.people = providers;
    offer.people.push_back(job.request->by);
    return offer;
}

Done Bridge::admit(Job& job) {
    const Offer offer = offer_of(job);
    job.remarks += answers_.passed_over(offer.passed_over);
    HandedIn handed_in = choose(offer.attachments);
    handed_in.sync_url = offer.sync_url.value;
    handed_in.line = offer.line.value;
    People& submitters = job.asked.submitters = job.provenance.people();
    if (handed_in.descriptor) submitters.push_back(handed_in.descriptor->creator);
    for (const rt::Attachment& one : handed_in.bundle) submitters.push_back(one.creator);
    for (const Setting& one : {offer.sync_url, offer.line}) {
        if (!one.value.empty()) submitters.push_back(one.by);
    }
    job.asked.introduction.of_people =
        permission_.providers_of(offer.people, configuration_.providers);
    Done done = releases_.admit(handed_in, job.asked);
    if (!done.dry_run) {
        const rt::TicketId ticket = job.request->ticket;
        const bool own = done.number != 0 || releases_.of_ticket(ticket) == done.release;
        state_.tickets[ticket].release = own ? std::string() : done.release;
    }
    return done;
}

void Bridge::carry_out_one(Job& job) {
    try {
        if (job.decision.verb == rt::Verb::admit) {
            answer_done(job, admit(job));
        } else {
            const std::uint64_t number =
                releases_.move(job.decision.verb, {job.release}, job.decision.target, job.asked);
            answer_done(job, {number, job.release, false});
        }
    } catch (const core::Refused& refused) {
        answer_failed(job, refused);
    } catch (const core::Unconfirmed& unconfirmed) {
        answer_unconfirmed(job, unconfirmed);
    }
}

/// The ledger knows whether it was done. If it cannot tell now, the request waits until it can.
void Bridge::answer_unconfirmed(Job& job, const core::Unconfirmed& unconfirmed) {
    log_.warning(
        fmt::format("ticket {}: {}", job.request->ticket, core::escaped(unconfirmed.what())));
    const auto done = done_before(*job.request, job.action);
    if (!done) throw core::Error("it was not done");
    job.remarks += answers_.unconfirmed(done->number);
    answer_done(job, *done);
}

void Bridge::answer_done(Job& job, const Done& done) {
    Request& request = *job.request;
    Answer answer;
    if (done.dry_run) {
        answer = answers_.dry_run(request, done);
    } else {
        answer = answers_.done(request, job.action, done, releases_.view(done.release));
    }
    answer.comment += job.remarks;
    this->answer(request, std::move(answer));
    if (done.dry_run) return;
    log_.note(fmt::format("ticket {}: {} of {} by {}, operation {}", request.ticket,
                          rt::name(job.action), done.release, core::escaped(request.by),
                          done.number));
}

void Bridge::answer_failed(Job& job, const core::Refused& refused) {
    Answer answer = answers_.failed(*job.request, refused);
    answer.comment += job.remarks;
    this->answer(*job.request, std::move(answer));
}

void Bridge::answer(Request& request, Answer answer) {
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

std::string Bridge::release_of(rt::TicketId ticket) {
    const auto memory = state_.tickets.find(ticket);
    if (memory != state_.tickets.end() && !memory->second.release.empty()) {
        return memory->second.release;
    }
    return releases_.of_ticket(ticket);
}

}  // namespace bridge
