// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/answers.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"

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

std::string next_step(rt::Standing standing) {
    switch (standing) {
        case rt::Standing::unverified:
            return "it is verified; then RepoAction becomes MoveToStageRollOut or Reject";
        case rt::Standing::stage_rollout:
            return "early adopters try it; then RepoAction becomes MoveToProduction or Reject";
        case rt::Standing::production:
            return "nothing; RepoAction Depreceate takes it out of production one day";
        case rt::Standing::rejected:
            return "what was mended can be attached; then RepoAction becomes MoveToUnverified";
        case rt::Standing::deprecated:
        case rt::Standing::none:
            break;
    }
    return {};
}

}  // namespace

rt::Status status_of(rt::Standing standing) {
    switch (standing) {
        case rt::Standing::unverified:
            return rt::Status::unverified;
        case rt::Standing::stage_rollout:
            return rt::Status::stage_rollout;
        case rt::Standing::production:
            return rt::Status::production;
        case rt::Standing::deprecated:
            return rt::Status::deprecated;
        case rt::Standing::rejected:
            return rt::Status::rejected;
        case rt::Standing::none:
            break;
    }
    return rt::Status::failed;
}

/// Fields and group, and the end of the comment.
Answer Answers::standing(rt::Standing now, const ReleaseView& release) const {
    const rt::Status status = status_of(now);
    Answer answer;
    const rt::FieldNames& fields = configuration_.rt.fields;
    answer.update.fields[fields.status] = configuration_.rt.statuses.of(status);
    answer.update.fields[fields.repository_url] = release.url;
    const auto group = configuration_.responsible.find(status);
    if (group != configuration_.responsible.end()) answer.update.group = group->second;
    const std::string next = next_step(now);
    if (!next.empty()) answer.comment = "\nNext: " + next + ".\n";
    if (answer.update.group) answer.comment += "Responsible: " + *answer.update.group + ".\n";
    return answer;
}

Answer Answers::done(const Request& request, rt::Action action, const Done& done, rt::Standing now,
                     const ReleaseView& release) const {
    Answer answer = standing(now, release);
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
    answer.comment = text + answer.comment;
    return answer;
}

Answer Answers::nothing(const Request& request, rt::Action action, rt::Standing now,
                        const ReleaseView& release) const {
    Answer answer = standing(now, release);
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

Answer Answers::followed(const Moved& moved, rt::Standing now, const ReleaseView& release) const {
    Answer answer = standing(now, release);
    std::string text = fmt::format("Operation {} of {} moved the release, without this ticket",
                                   moved.number, escaped(moved.by));
    text += moved.reason.empty() ? ".\n\n" : ": " + escaped(moved.reason) + "\n\n";
    answer.comment = text + place_text(release) + client_text(release) + answer.comment;
    return answer;
}

}  // namespace bridge
