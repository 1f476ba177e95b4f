// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/stage_policy.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

constexpr std::size_t most_packages = 20, most_named = 5;

/// What is said of a package of each kind, in front of what it has.
std::string_view meaning_of(std::string_view kind) {
    if (kind == reason::essential) return "apt installs it unasked from any enabled repository";
    if (kind == reason::important) return "apt installs it unasked and does not remove it";
    if (kind == reason::is_protected) return "it cannot be removed as other packages can";
    if (kind == reason::base_relation) return "it speaks for packages of the base system";
    if (kind == reason::set_id_file)
        return "it has files that run with more rights than their user";
    return "it has files outside of the usual places";
}

std::string named(const Remark& remark) {
    const std::size_t count = std::min(remark.of.size(), most_named);
    std::string text =
        join({remark.of.begin(), remark.of.begin() + static_cast<std::ptrdiff_t>(count)}, ", ");
    const std::uint64_t more = remark.more + remark.of.size() - count;
    if (more > 0) text += fmt::format(" and {} more", more);
    return text;
}

/// An error if the stage refuses the kind.
Problem finding(const std::string& where, std::string_view kind, std::string message,
                const Stage& stage) {
    if (std::ranges::find(stage.refuse, kind) == stage.refuse.end()) {
        return warning_at(where, kind, std::move(message));
    }
    return error_at(where, kind, fmt::format("{}; {} takes none such", message, stage.name),
                    fmt::format("hand it in without; or, if it is meant, have \"{}\" taken out of "
                                "`refuse` of the [[stage]] {}",
                                kind, stage.name));
}

/// Digits without zeros before them, so that the longer one is the higher; empty: 0.
std::string_view epoch_of(std::string_view version) {
    const std::size_t colon = version.find(':');
    std::string_view epoch = version.substr(0, colon == std::string_view::npos ? 0 : colon);
    epoch.remove_prefix(std::min(epoch.find_first_not_of('0'), epoch.size()));
    return epoch;
}

}  // namespace

Report judge_remarks(const NamedPackages& packages, const Stage& stage) {
    Report report;
    std::map<std::string_view, std::size_t> counts;
    std::string place;
    for (const auto& [package, where] : packages) {
        for (const Remark& remark : package->remarks) {
            if (++counts[remark.kind] > most_packages) continue;
            report.push_back(finding(
                std::string(where), remark.kind,
                fmt::format("{}: {}: {}", package->label(), meaning_of(remark.kind), named(remark)),
                stage));
        }
        place = where;
    }
    for (const auto& [kind, count] : counts) {
        if (count <= most_packages) continue;
        report.push_back(finding(
            place, kind, fmt::format("likewise {} more packages", count - most_packages), stage));
    }
    return report;
}

Problem epoch_jump(const std::string& release, std::string_view package, std::string_view version,
                   std::string_view older, const Stage& stage) {
    return finding(release, reason::epoch_jump,
                   fmt::format("{} {} is newer than {} by its epoch, which cannot be taken back",
                               package, version, older),
                   stage);
}

bool higher_epoch(std::string_view version, std::string_view than) {
    const std::string_view a = epoch_of(version), b = epoch_of(than);
    return a.size() != b.size() ? a.size() > b.size() : a > b;
}

}  // namespace core
