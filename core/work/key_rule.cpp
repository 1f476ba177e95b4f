// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/key_rule.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace {

/// What packages are signed with, as their record has it.
struct Maker {
    std::string key;
    std::string part;  // the subkey, or the key itself; empty: not known

    auto operator<=>(const Maker&) const = default;
};

std::string name_of(const Maker& maker) {
    const bool subkey = !maker.part.empty() && maker.part != maker.key;
    return (subkey ? "subkey " + maker.part + " of key " : "key ") + maker.key;
}

/// The parts of the key that can have signed. A primary key that signs nothing any more still
/// vouches for what it signed before.
std::vector<SigningPart> possible_parts(const Maker& maker, const KeyFacts& key) {
    if (maker.part.empty()) return key.parts;
    if (maker.part == maker.key) return {{.fingerprint = maker.key}};
    const auto found = std::ranges::find(key.parts, maker.part, &SigningPart::fingerprint);
    if (found == key.parts.end()) return {};
    return {*found};
}

/// When the last of the parts expires, or the key itself before it; nothing: never.
std::optional<Time> expiry_of(const KeyFacts& key, const std::vector<SigningPart>& parts) {
    Time last = Time::min();
    for (const SigningPart& part : parts) last = std::max(last, part.expires.value_or(Time::max()));
    last = std::min(last, key.expires.value_or(Time::max()));
    return last == Time::max() ? std::nullopt : std::optional(last);
}

/// Why nothing counts that the parts have signed; empty: one of them at least is strong.
std::string weakness_of(const KeyFacts& key, const std::vector<SigningPart>& parts) {
    if (!key.weakness.empty()) return key.weakness;
    const auto strong = std::ranges::find(parts, std::string(), &SigningPart::weakness);
    return strong == parts.end() ? parts.front().weakness : std::string();
}

/// What is wrong with a key or a part of it now; nothing if all is well.
std::optional<Problem> objection(const Maker& maker, const std::optional<KeyFacts>& key,
                                 const Line& line, Time now) {
    const std::string name = name_of(maker);
    if (!key) {
        return error_at({}, reason::unknown_key,
                        name + ", which is not in provider-keys/ any more");
    }
    if (key->revoked) return error_at({}, reason::key_revoked, name + ", which was revoked");
    std::vector<SigningPart> parts = possible_parts(maker, *key);
    if (parts.empty()) {
        return error_at({}, reason::unknown_key,
                        name + (maker.part.empty() ? ", which has nothing left to sign with"
                                                   : ", which is not in provider-keys/ any more"));
    }
    std::erase_if(parts, [](const SigningPart& part) { return part.revoked; });
    if (parts.empty()) {
        return error_at({}, reason::key_revoked,
                        name + (maker.part.empty() ? ", all of whose signing subkeys were revoked"
                                                   : ", which was revoked"));
    }
    if (const auto expires = expiry_of(*key, parts); expires && *expires <= now) {
        const auto expiry = fmt::format("{}, which expired at {}", name, format_time(*expires));
        return line.refuse_expired_keys ? error_at({}, reason::key_expired, expiry)
                                        : warning_at({}, reason::key_expired, expiry);
    }
    if (const std::string weak = weakness_of(*key, parts); !weak.empty()) {
        return warning_at({}, reason::weak_signature,
                          fmt::format("{}, which is weak: {}", name, weak));
    }
    return std::nullopt;
}

/// By which of its parts nothing is accepted: all, or those that are weak.
Report objections(const KeyFacts& key, Time now) {
    if (auto found = objection({key.fingerprint, {}}, key, Line(), now)) return {*found};
    Report report;
    for (const SigningPart& part : key.parts) {
        const bool is_past = part.revoked || (part.expires && *part.expires <= now);
        if (is_past || part.weakness.empty()) continue;
        if (auto found = objection({key.fingerprint, part.fingerprint}, key, Line(), now)) {
            report.push_back(std::move(*found));
        }
    }
    return report;
}

/// The line may not have required signatures when the release was admitted.
std::optional<Problem> objection_to_unsigned(const Release& release, const Line& line,
                                             const Formats& formats) {
    if (line.signatures != SignaturePolicy::require) return std::nullopt;
    const std::size_t count = unsigned_packages(release, formats).size();
    if (count == 0) return std::nullopt;
    return error_at(
        release.id, reason::unsigned_package,
        fmt::format("{} no signature by a key that was known at the admission, and "
                    "line {} requires one",
                    count == 1 ? "1 package has" : fmt::format("{} packages have", count),
                    line.name),
        "reject the release, and hand it in with signed packages (rpmsign --addsign)");
}

/// The keys that were waived when releases were moved.
std::map<std::string, std::set<std::string>> waived_before(const Ledger& ledger) {
    std::map<std::string, std::set<std::string>> waived;
    for (const CommittedOperation& one : committed(ledger.read())) {
        const auto& keys = one.operation.waived_keys;
        if (keys.empty()) continue;
        for (const Move& move : one.operation.moves) {
            waived[move.release].insert(keys.begin(), keys.end());
        }
    }
    return waived;
}

}  // namespace

std::vector<const Package*> unsigned_packages(const Release& release, const Formats& formats) {
    std::vector<const Package*> found;
    for (const Package& package : release.packages) {
        const bool carries_signatures = std::ranges::any_of(formats, [&](const auto& entry) {
            const Format& format = entry.second;
            return format.package_format == package.format && format.packages_signed;
        });
        if (carries_signatures && package.signed_by.empty()) found.push_back(&package);
    }
    return found;
}

Report judge_keys(const Release& release, const Line& line, const Formats& formats,
                  const KeyRule& rule) {
    std::map<Maker, std::size_t> packages;
    for (const Package& package : release.packages) {
        if (!package.signed_by.empty()) ++packages[{package.signed_by, package.signed_with}];
    }
    Report report;
    if (auto found = objection_to_unsigned(release, line, formats)) {
        report.push_back(std::move(*found));
    }
    for (const auto& [maker, count] : packages) {
        const auto key = find_key(rule.known, maker.key);
        auto found = objection(maker, key, line, rule.now);
        if (!found) continue;
        found->where = release.id;
        found->message = fmt::format("{} {} signed by {}", count,
                                     count == 1 ? "package is" : "packages are", found->message);
        if (rule.waived.contains(maker.key)) {
            found->severity = Severity::warning;
            found->message +=
                key ? "; waived" : "; waived, but sites that do not have this key refuse them";
        } else if (found->severity == Severity::error) {
            found->remedy =
                "hand in packages signed by a sound key; or, if it is meant, let the "
                "key pass with --waive-key " +
                maker.key;
        }
        report.push_back(std::move(*found));
    }
    return report;
}

Report judge_standing(const Depot& depot, const Formats& formats, const Standing& standing,
                      const KeyRule& rule) {
    const std::string& archive = depot.configuration.archive_stage().name;
    std::vector<std::string> ids;
    for (const auto& [id, stage] : standing) {
        if (stage != archive && depot.records.has(id)) ids.push_back(id);
    }
    const auto waived = waived_before(depot.ledger);
    std::vector<Report> reports(ids.size());
    parallel_for(ids.size(), [&](std::size_t i) {
        const Release release = depot.records.load(ids[i]);
        const Line* line = find_named(depot.configuration.lines, release.line);
        KeyRule own = rule;
        if (const auto found = waived.find(ids[i]); found != waived.end())
            own.waived = found->second;
        if (line != nullptr) reports[i] = judge_keys(release, *line, formats, own);
    });
    Report all;
    for (Report& report : reports) std::ranges::move(report, std::back_inserter(all));
    return all;
}

Report judge_provider_keys(const ProviderKeys& keys, Time now) {
    Report report;
    std::set<std::string_view> told;
    for (const auto& [name, file] : keys) {
        for (const KeyFacts& key : file.keys) {
            if (!told.insert(key.fingerprint).second) continue;
            for (Problem& found : objections(*find_key(keys, key.fingerprint), now)) {
                found.severity = Severity::warning;
                found.where = "provider-keys/" + name;
                found.message = "nothing is accepted that is signed by " + found.message;
                report.push_back(std::move(found));
            }
        }
    }
    return report;
}

std::string fingerprint_of(std::string_view text) {
    std::string fingerprint;
    for (const char c : text) {
        if (c != ' ') fingerprint += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (fingerprint.size() != 40 ||
        fingerprint.find_first_not_of("0123456789ABCDEF") != std::string::npos) {
        throw Refused(reason::unknown_key, "\"" + escaped(text) + "\" is no fingerprint of a key",
                      "give all 40 hexadecimal digits, as the refusal names them");
    }
    return fingerprint;
}

}  // namespace core
