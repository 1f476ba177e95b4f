// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/configuration_change.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/work/client_files.hpp"
#include "core/work/key_rule.hpp"

namespace core {
namespace {

const Configuration& made_with(const State& state, const Configuration& now) {
    return state.made_with ? *state.made_with : now;
}

/// Collects what differs, as texts.
class Differences {
  public:
    void compare(const std::string& setting, const std::string& was, const std::string& is) {
        if (was == is) return;
        texts.push_back(
            fmt::format("{} was \"{}\", is \"{}\"", setting, escaped(was), escaped(is)));
    }
    void compare(const std::string& setting, bool was, bool is) {
        compare(setting, std::string(was ? "true" : "false"), std::string(is ? "true" : "false"));
    }
    void compare(const std::string& setting, const std::vector<std::string>& was,
                 const std::vector<std::string>& is) {
        compare(setting, join(was, ", "), join(is, ", "));
    }

    /// Calls `compare_both` for those that are there before and after.
    template <class Named, class CompareBoth>
    void compare_all(const std::string& kind, const std::vector<Named>& was,
                     const std::vector<Named>& is, CompareBoth&& compare_both) {
        for (const Named& one : was) {
            const Named* other = find_named(is, one.name);
            if (other == nullptr) {
                texts.push_back(fmt::format("{} {} is gone", kind, one.name));
            } else {
                compare_both(fmt::format("{} {}: ", kind, one.name), one, *other);
            }
        }
        for (const Named& one : is) {
            if (find_named(was, one.name) != nullptr) continue;
            texts.push_back(fmt::format("{} {} is new", kind, one.name));
        }
    }

    std::vector<std::string> texts;
};

/// "a, b and 3 more".
std::string first_few(std::vector<std::string> all, std::size_t most) {
    const std::size_t left = all.size() - std::min(most, all.size());
    all.resize(all.size() - left);
    return join(all, ", ") + (left == 0 ? "" : fmt::format(" and {} more", left));
}

/// The ledger keeps them, and each is a line on a terminal.
std::vector<std::string> bounded(std::vector<std::string> changes) {
    constexpr std::size_t most = 50, longest = 300;
    const std::size_t left = changes.size() - std::min(most, changes.size());
    changes.resize(changes.size() - left);
    for (std::string& change : changes) {
        if (change.size() <= longest) continue;
        std::size_t end = longest;
        while ((change[end] & 0xC0) == 0x80) --end;  // not within a character
        change = change.substr(0, end) + "…";
    }
    if (left != 0) changes.push_back(fmt::format("{} more changes", left));
    return changes;
}

/// What of the releases that stand has no place any more, by the setting that took it.
class Losses {
  public:
    Losses(const Configuration& then, const Configuration& now, const Formats& formats)
        : then_(then), now_(now), formats_(formats) {}

    void look_at(const Release& release, const std::string& stage_name) {
        const Stage* stage = find_named(now_.stages, stage_name);
        if (stage == nullptr) {
            stranded_["stage " + stage_name + " is gone"].push_back(
                described(release, stage_name, {}));
            return;
        }
        if (stage->archive) return;
        std::map<std::string, Packages> lost;
        bool has_place = false;
        for (const Package& package : release.packages) {
            const bool is_placed = !sections_for(now_, formats_, release.line, package).empty();
            has_place = has_place || is_placed;
            if (is_placed || sections_for(then_, formats_, release.line, package).empty()) continue;
            lost[cause(release, package)].push_back(&package);
        }
        for (const auto& [setting, packages] : lost) {
            BySetting& losers = has_place ? reduced_ : stranded_;
            losers[setting].push_back(described(release, stage_name, packages));
        }
        if (!has_place || !requires_signatures_now(release.line)) return;
        const Packages packages = unsigned_packages(release, formats_);
        if (packages.empty()) return;
        unsigned_["line " + release.line + " requires signatures now"].push_back(
            described(release, stage_name, packages));
    }

    /// What is refused in any case: a release would have nothing left.
    std::vector<std::string> never_allowed() const {
        return texts(stranded_, "but what stands needs it",
                     "put the setting back, and reject or deprecate what stands there first");
    }

    /// What is not if it is meant.
    std::vector<std::string> allowed_if_meant() const {
        return texts_of_losses(
            "but what stands needs it",
            "put the setting back, and reject or deprecate what stands there first, or let these "
            "packages go with `sluice refresh --allow-loss`",
            "but no known key signed packages of what stands",
            "put the setting back, reject or deprecate these releases and have them handed in "
            "signed first, or let them stay where they are without being promoted any more, with "
            "`sluice refresh --allow-loss`");
    }

    /// The same when it is.
    std::vector<std::string> allowed() const {
        return texts_of_losses(
            "and what stands loses packages by it (--allow-loss)", "",
            "and what stands is not promoted any more, as no known key signed it "
            "(--allow-loss)",
            "");
    }

  private:
    using Packages = std::vector<const Package*>;
    using BySetting = std::map<std::string, std::vector<std::string>>;

    std::vector<std::string> texts_of_losses(const std::string& reduced_why,
                                             const std::string& reduced_remedy,
                                             const std::string& unsigned_why,
                                             const std::string& unsigned_remedy) const {
        std::vector<std::string> all = texts(reduced_, reduced_why, reduced_remedy);
        std::ranges::move(texts(unsigned_, unsigned_why, unsigned_remedy), std::back_inserter(all));
        return all;
    }

    static std::vector<std::string> texts(const BySetting& losers, const std::string& why,
                                          const std::string& remedy) {
        constexpr std::size_t most_releases = 5;
        std::vector<std::string> result;
        for (const auto& [setting, releases] : losers) {
            result.push_back(fmt::format("{}, {}: {}{}{}", setting, why,
                                         first_few(releases, most_releases),
                                         remedy.empty() ? "" : ": ", remedy));
        }
        return result;
    }

    /// "a-1 in production (tool 1.2-3 x86_64 and 4 more)".
    static std::string described(const Release& release, const std::string& stage,
                                 const Packages& packages) {
        constexpr std::size_t most_packages = 3;
        std::vector<std::string> names;
        for (const Package* package : packages) {
            names.push_back(escaped(fmt::format("{} {} {}", package->name, package->full_version(),
                                                package->architecture)));
        }
        return fmt::format(
            "{} in {}{}", release.id, stage,
            names.empty() ? "" : fmt::format(" ({})", first_few(names, most_packages)));
    }

    std::string cause(const Release& release, const Package& package) const {
        if (find_named(now_.lines, release.line) == nullptr)
            return "line " + release.line + " is gone";
        const Platform* platform = find_named(now_.platforms, package.platform);
        if (platform == nullptr) return "platform " + package.platform + " is gone";
        return fmt::format("platform {} has no place for {} any more", package.platform,
                           package.architecture);
    }

    bool requires_signatures_now(const std::string& line) const {
        const Line* was = find_named(then_.lines, line);
        const Line* is = find_named(now_.lines, line);
        return was != nullptr && is != nullptr && was->signatures != is->signatures &&
               is->signatures == SignaturePolicy::require;
    }

    const Configuration& then_;
    const Configuration& now_;
    const Formats& formats_;
    BySetting stranded_;
    BySetting reduced_;
    BySetting unsigned_;
};

}  // namespace

Configuration shown_settings(const Configuration& configuration) {
    Configuration shown;
    shown.origin = configuration.origin;
    shown.public_url = configuration.public_url;
    shown.signing_key = configuration.signing_key;
    shown.lines = configuration.lines;
    shown.platforms = configuration.platforms;
    shown.stages = configuration.stages;
    for (Platform& platform : shown.platforms) {  // what only judges admissions
        platform.aliases.clear();
        platform.dist_tags.clear();
    }
    for (Stage& stage : shown.stages) {  // what only judges moves
        stage.from.clear();
        stage.emergency_from.clear();
        stage.rejectable = false;
    }
    return shown;
}

Configuration configuration_of(const State& state, const Configuration& now) {
    Configuration result = now;
    if (!state.made_with) return result;
    result.origin = state.made_with->origin;
    result.public_url = state.made_with->public_url;
    result.signing_key = state.made_with->signing_key;
    result.lines = state.made_with->lines;
    result.platforms = state.made_with->platforms;
    result.stages = state.made_with->stages;
    return result;
}

std::vector<std::string> setting_changes(const Configuration& then, const Configuration& now) {
    Differences differences;
    differences.compare("origin", then.origin, now.origin);
    differences.compare("public_url", then.public_url, now.public_url);
    differences.compare_all(
        "line", then.lines, now.lines, [&](const std::string& of, const Line& was, const Line& is) {
            differences.compare(of + "title", was.title, is.title);
            const auto requires_them = [](const Line& line) {
                return line.signatures == SignaturePolicy::require;
            };
            differences.compare(of + "signatures required", requires_them(was), requires_them(is));
        });
    differences.compare_all(
        "platform", then.platforms, now.platforms,
        [&](const std::string& of, const Platform& was, const Platform& is) {
            differences.compare(of + "format", was.format, is.format);
            differences.compare(of + "architectures", was.architectures, is.architectures);
            differences.compare(of + "components", was.components, is.components);
            differences.compare(of + "xz", was.xz, is.xz);
            differences.compare(of + "contents", was.contents, is.contents);
        });
    differences.compare_all("stage", then.stages, now.stages,
                            [&](const std::string& of, const Stage& was, const Stage& is) {
                                differences.compare(of + "entry", was.entry, is.entry);
                                differences.compare(of + "archive", was.archive, is.archive);
                                differences.compare(of + "enabled", was.enabled, is.enabled);
                            });
    return differences.texts;
}

bool is_outdated(const Repository& repository, const State& state, const Configuration& now) {
    if (!state.made_with) return true;
    const Configuration& then = *state.made_with;
    if (then.origin != now.origin || then.signing_key != now.signing_key ||
        then.public_url != now.public_url) {
        return true;
    }
    const Configuration shown = shown_settings(now);
    const auto differs = [](const auto* was, const auto* is) {
        return was == nullptr || is == nullptr || *was != *is;
    };
    const Line* was = find_named(then.lines, repository.line);
    const Line* is = find_named(now.lines, repository.line);
    return was == nullptr || is == nullptr || was->title != is->title ||
           differs(find_named(then.platforms, repository.platform),
                   find_named(shown.platforms, repository.platform)) ||
           differs(find_named(then.stages, repository.stage),
                   find_named(shown.stages, repository.stage));
}

std::vector<Section> sections_for(const Configuration& configuration, const Formats& formats,
                                  const std::string& line, const Package& package) {
    const Platform* platform = find_named(configuration.platforms, package.platform);
    if (platform == nullptr || find_named(configuration.lines, line) == nullptr) return {};
    const Format& format = formats.at(platform->format);
    if (format.package_format != package.format) return {};
    try {
        return format.backend->sections(*platform, &package);
    } catch (const Refused&) {
        return {};  // its architecture is gone
    }
}

Strandings strandings(const Depot& depot, const Formats& formats, const State& state,
                      const Standing& standing, bool allow_loss) {
    const Configuration& now = depot.configuration;
    const Configuration& then = made_with(state, now);
    Strandings found;
    for (const Platform& was : then.platforms) {
        const Platform* is = find_named(now.platforms, was.name);
        if (is == nullptr || is->format == was.format) continue;
        found.refused.push_back(
            fmt::format("platform {} was of the format {}, is of {}: its packages have no place "
                        "there: put the setting back, or give the platform another name",
                        was.name, was.format, is->format));
    }
    if (setting_changes(then, now).empty()) return found;
    Losses losses(then, now, formats);
    for (const auto& [id, stage] : standing) losses.look_at(depot.records.load(id), stage);
    std::ranges::move(losses.never_allowed(), std::back_inserter(found.refused));
    if (!found.refused.empty()) return found;
    if (allow_loss) {
        found.allowed = losses.allowed();
    } else {
        found.refused = losses.allowed_if_meant();
    }
    return found;
}

std::vector<std::string> pending_changes(const Depot& depot, const State& state,
                                         const ProviderKeys* keys,
                                         std::vector<std::string> allowed) {
    const Configuration& now = depot.configuration;
    const Configuration& then = made_with(state, now);
    std::vector<std::string> changes = std::move(allowed);
    std::ranges::move(setting_changes(then, now), std::back_inserter(changes));
    if (keys == nullptr) return bounded(std::move(changes));
    Differences depot_key;
    depot_key.compare("signing.key", then.signing_key, now.signing_key);
    std::ranges::move(depot_key.texts, std::back_inserter(changes));
    std::vector<std::string> of_keys;
    if (!state.handed_out.empty()) {  // else of a generation that did not write them down
        of_keys = key_changes(state.handed_out, key_digests(handed_out_keys(depot, state, *keys)));
    }
    for (const std::string& change : of_keys) changes.push_back("provider key " + change);
    return bounded(std::move(changes));
}

ConfigurationFindings configuration_findings(const Depot& depot, const Formats& formats,
                                             const State& state, const ProviderKeys* keys) {
    ConfigurationFindings findings;
    if (state.generation == 0) return findings;
    const auto in_the_way = strandings(depot, formats, state, state.standing, false).refused;
    for (const std::string& text : in_the_way) {
        findings.refused.push_back(text + "; nothing is changed until then");
    }
    if (!findings.refused.empty()) return findings;
    for (const std::string& change : pending_changes(depot, state, keys)) {
        findings.due.push_back(change + std::string(is_due));
    }
    return findings;
}

}  // namespace core
