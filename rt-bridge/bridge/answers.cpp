// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/answers.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/text.hpp"
#include "rt-bridge/bridge/permission.hpp"

namespace bridge {
namespace {

using core::escaped;

constexpr std::size_t most_packages = 200;  // more make a ticket unreadable
constexpr std::size_t most_problems = 500;

std::string request_line(const Request& request, std::string_view action) {
    return fmt::format("{}, asked for by {}", action, escaped(request.by));
}

/// "argus-1.7.3 is in unverified:" and its address.
std::string place_text(const ReleaseView& release) {
    if (release.stage.empty()) {
        return fmt::format("Release {} is in no repository now.\n", release.id);
    }
    return fmt::format("Release {} is in {}:\n  {}\n", release.id, release.stage, release.url);
}

std::string packages_text(const ReleaseView& release) {
    std::string text = fmt::format("\nPackages ({}):\n", release.packages.size());
    const std::size_t shown = std::min(release.packages.size(), most_packages);
    for (std::size_t i = 0; i < shown; ++i) {
        text +=
            fmt::format("  {}  ({})\n", release.packages[i].package, release.packages[i].platform);
    }
    if (shown < release.packages.size()) {
        text += fmt::format("  and {} more\n", release.packages.size() - shown);
    }
    return text;
}

/// How a site begins to use the repository.
std::string client_text(const ReleaseView& release) {
    std::string text;
    for (const std::string& url : release.client_files) {
        const std::string name = url.substr(url.rfind('/') + 1);
        const bool yum = name.ends_with(".repo");
        text += fmt::format("  curl -o {}/{} {}\n",
                            yum ? "/etc/yum.repos.d" : "/etc/apt/sources.list.d", name, url);
    }
    return text.empty() ? text : "\nTo install from there, as root:\n" + text;
}

/// "release.xml, bundle.tar.gz and 3 more".
std::string names(const std::vector<std::string>& all) {
    constexpr std::size_t most = 20;
    std::vector<std::string> shown(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), most)));
    std::string text = core::join(shown, ", ");
    if (shown.size() < all.size()) text += fmt::format(" and {} more", all.size() - shown.size());
    return text;
}

std::string report_text(const core::Report& report) {
    std::string text;
    std::size_t shown = 0;
    for (const core::Problem& problem : report) {
        if (++shown > most_problems) {
            return text + fmt::format("  and {} more\n", report.size() - most_problems);
        }
        text += "  " + core::describe(problem) + "\n";
    }
    return text;
}

/// What became of its keys since it was admitted.
std::string last_warnings_text(const ReleaseView& release) {
    std::string text;
    for (const std::string& warning : release.last_warnings) text += "  " + escaped(warning) + "\n";
    return text.empty() ? text : "\nWarnings:\n" + text;
}

}  // namespace

/// What is done with a release that stands here, and what can be asked for then.
std::string Answers::next_step(const std::string& stage) const {
    const auto status = configuration_.actions.status_of(stage);
    std::vector<std::string> actions;
    for (const rt::Action action : configuration_.actions.possible(stage)) {
        actions.emplace_back(rt::name(action));
    }
    if (!status || actions.empty()) return {};
    const std::string then = "then RepoAction becomes " + core::join(actions, " or ");
    switch (*status) {
        case rt::Status::unverified:
            return "it is verified; " + then;
        case rt::Status::stage_rollout:
            return "early adopters try it; " + then;
        case rt::Status::production:
            return "nothing; RepoAction " + core::join(actions, " or ") +
                   " takes it out of production one day";
        case rt::Status::rejected:
            return "what was mended can be attached; " + then;
        default:
            return {};
    }
}

/// Fields and group, and the end of the comment.
Answer Answers::standing(const ReleaseView& release) const {
    Answer answer;
    const rt::FieldNames& fields = configuration_.rt.fields;
    answer.update.fields[fields.repository_url] = release.url;
    const auto status = configuration_.actions.status_of(release.stage);
    if (!status) {
        answer.comment = fmt::format("\n{} says nothing of the stage {}, and stays as it is.\n",
                                     fields.status, release.stage);
        return answer;
    }
    answer.update.fields[fields.status] = configuration_.rt.statuses.of(*status);
    const auto group = configuration_.responsible.find(*status);
    if (group != configuration_.responsible.end()) answer.update.group = group->second;
    const std::string next = next_step(release.stage);
    if (!next.empty()) answer.comment = "\nNext: " + next + ".\n";
    if (answer.update.group) answer.comment += "Responsible: " + *answer.update.group + ".\n";
    return answer;
}

std::string Answers::who_may(rt::Action action) const {
    const auto found = configuration_.may.find(action);
    return Permission::described(found == configuration_.may.end() ? People() : found->second);
}

Answer Answers::done(const Request& request, rt::Action action, const Done& done,
                     const ReleaseView& release) const {
    Answer answer = standing(release);
    std::string text =
        done.number == 0
            ? fmt::format("{}: this release was admitted before, with the same content.\n\n",
                          request_line(request, rt::name(action)))
            : fmt::format("{}: done, operation {}.\n\n", request_line(request, rt::name(action)),
                          done.number);
    text += place_text(release);
    if (!release.stage.empty()) text += packages_text(release) + client_text(release);
    if (action == rt::Action::move_to_unverified && !release.warnings.empty()) {
        text += "\nWarnings:\n" + report_text(release.warnings);
    }
    text += last_warnings_text(release);
    answer.comment = text + answer.comment;
    return answer;
}

Answer Answers::nothing(const Request& request, rt::Action action,
                        const ReleaseView& release) const {
    Answer answer = standing(release);
    answer.comment = fmt::format("{}: nothing to do, it is so already.\n\n{}",
                                 request_line(request, rt::name(action)), place_text(release)) +
                     answer.comment;
    return answer;
}

Answer Answers::dry_run(const Request& request, const Done& done) const {
    Answer answer;
    answer.comment = fmt::format(
        "{}: the descriptor asks for a dry run. It would be admitted, as {}; nothing was "
        "published.\n",
        request_line(request, rt::name(rt::Action::move_to_unverified)), done.release);
    return answer;
}

Answer Answers::failed(const Request& request, const core::Refused& refused) const {
    Answer answer;
    answer.failed = true;
    answer.update.fields[configuration_.rt.fields.status] =
        configuration_.rt.statuses.of(rt::Status::failed);
    const auto group = configuration_.responsible.find(rt::Status::failed);
    if (group != configuration_.responsible.end()) answer.update.group = group->second;
    answer.comment = fmt::format(
        "{}: this could not be done, and nothing was changed [{}].\n\n{}\n"
        "To have it tried again, attach what was mended, or clear RepoAction and set it again.\n",
        request_line(request, escaped(request.action)), refused.code(),
        report_text(refused.report()));
    return answer;
}

Answer Answers::not_permitted(const Request& request, const core::Refused& refused) const {
    Answer answer;
    answer.comment = fmt::format("{}: this was not done [{}].\n\n{}",
                                 request_line(request, escaped(request.action)), refused.code(),
                                 report_text(refused.report()));
    return answer;
}

Answer Answers::followed(const Moved& moved, const ReleaseView& release) const {
    Answer answer = standing(release);
    std::string text = fmt::format("Operation {} of {} moved the release, without this ticket",
                                   moved.number, escaped(moved.by));
    text += moved.reason.empty() ? ".\n\n" : ": " + escaped(moved.reason) + "\n\n";
    answer.comment = text + place_text(release) + client_text(release) +
                     last_warnings_text(release) + answer.comment;
    return answer;
}

Answer Answers::late(const Request& request, const std::vector<std::string>& attached,
                     const ReleaseView& release) const {
    Answer answer;
    answer.comment = fmt::format(
        "{} came from {} after release {} was admitted: it changes nothing, and whoever approves "
        "the release approves what was admitted.\n\n",
        names(attached), escaped(request.by), release.id);
    const auto next =
        configuration_.actions.decide(rt::Action::move_to_unverified, release.stage, false);
    answer.comment +=
        next.verb == rt::Verb::admit
            ? fmt::format(
                  "To hand it in anew, RepoAction is cleared and set to {} again. That may "
                  "be done by: {}.\n",
                  rt::name(rt::Action::move_to_unverified), who_may(rt::Action::move_to_unverified))
            : "To hand it in, make a new version of it, in a ticket of its own.\n";
    return answer;
}

std::string Answers::passed_over(const std::vector<std::string>& brought) const {
    if (brought.empty()) return {};
    return fmt::format(
        "\nPassed over: {}. What is handed in is what came from the ticket's creator, its "
        "requestors, or those who may ask for {}: {}.\n",
        names(brought), rt::name(rt::Action::move_to_unverified),
        who_may(rt::Action::move_to_unverified));
}

std::string Answers::unconfirmed(std::uint64_t operation) {
    return fmt::format(
        "\nThe disk did not confirm operation {} at once, and a power failure may undo it. The "
        "operator finds the cause in the log.\n",
        operation);
}

std::string Answers::only_asked(const std::string& by) const {
    return fmt::format(
        "\nAn emergency was asked for by {}, and not granted. It is granted by setting {} to yes; "
        "if it says so already, clear it first. That may be done by: {}.\n",
        by, configuration_.rt.fields.emergency,
        Permission::described(configuration_.may_grant_emergency));
}

}  // namespace bridge
