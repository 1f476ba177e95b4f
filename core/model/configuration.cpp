// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/configuration.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "core/model/error.hpp"
#include "core/model/provider_settings.hpp"
#include "core/model/reason.hpp"
#include "core/model/settings.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

template <class Named>
const Named& find(const std::vector<Named>& all, std::string_view name, reason::Code code,
                  std::string_view kind) {
    if (const Named* found = find_named(all, name)) return *found;
    std::vector<std::string> names;
    for (const Named& one : all) names.push_back(one.name);
    throw Refused(code, fmt::format("there is no {} called '{}'", kind, escaped(name)),
                  fmt::format("known are: {}", join(names, ", ")));
}

SignaturePolicy read_policy(Settings& table) {
    const std::string text = table.text("signatures", "require");
    if (text == "require") return SignaturePolicy::require;
    if (text == "allow-unsigned") return SignaturePolicy::allow_unsigned;
    table.bad("signatures", "\"require\" or \"allow-unsigned\"");
}

/// `settings`: what may stand in the table, and which value it is.
template <class Limits, class Bounds>
Limits read_limits(Settings table, const Bounds& settings) {
    constexpr auto most = static_cast<std::int64_t>(most_package_limit);
    Limits limits;
    for (const auto& [name, value] : settings) {
        const auto otherwise = static_cast<std::int64_t>(limits.*value);
        limits.*value = static_cast<std::uint64_t>(table.number(name, otherwise, most));
    }
    table.nothing_else();
    return limits;
}

std::vector<std::string> read_places(Settings& table) {
    std::vector<std::string> places = table.texts("usual_places", default_usual_places());
    const bool sound = std::ranges::all_of(places, [](const std::string& place) {
        return place.starts_with('/') && !place.ends_with('/') && !has_control_characters(place);
    });
    if (!sound) table.bad("usual_places", "a list of directories such as \"/opt\"");
    return places;
}

Line read_line(Settings table) {
    Line line;
    line.name = table.name("name");
    line.title = table.text("title", line.name);
    if (has_control_characters(line.title, Text::line)) table.bad("title", "one line of text");
    line.signatures = read_policy(table);
    const std::string foreign = table.text("foreign_references", "drop");
    if (foreign != "drop" && foreign != "keep") {
        table.bad("foreign_references", "\"drop\" or \"keep\"");
    }
    line.keep_foreign_references = foreign == "keep";
    const std::string expired = table.text("expired_keys", "warn");
    if (expired != "warn" && expired != "refuse")
        table.bad("expired_keys", "\"warn\" or \"refuse\"");
    line.refuse_expired_keys = expired == "refuse";
    line.limits = read_limits<PackageLimits>(table.table("limits"), package_limit_settings);
    line.usual_places = read_places(table);
    table.nothing_else();
    return line;
}

Platform read_platform(Settings table) {
    Platform platform;
    platform.name = table.name("name");
    platform.format = table.text("format");
    if (platform.format != "yum" && platform.format != "apt") {
        table.bad("format", "\"yum\" or \"apt\"");
    }
    platform.architectures = table.texts("architectures");
    if (platform.architectures.empty()) table.bad("architectures", "a list of at least one");
    for (const std::string& name : platform.architectures) {
        if (!is_plain_name(name)) table.bad("architectures", "a list of plain names");
    }
    platform.aliases = table.texts("aliases");
    platform.dist_tags = table.texts("dist_tags");
    platform.components = table.texts("components", {"main"});
    if (platform.components.empty()) table.bad("components", "a list of at least one");
    for (const std::string& name : platform.components) {
        if (!is_plain_name(name)) table.bad("components", "a list of plain names");
    }
    for (const std::string& tag : platform.dist_tags) {
        if (tag.empty()) table.bad("dist_tags", "a list of texts that are not empty");
    }
    platform.xz = table.flag("xz");
    platform.contents = table.flag("contents");
    table.nothing_else();
    return platform;
}

Stage read_stage(Settings table) {
    Stage stage;
    stage.name = table.name("name");
    stage.from = table.texts("from");
    stage.emergency_from = table.texts("emergency_from");
    stage.entry = table.flag("entry");
    stage.enabled = table.flag("enabled");
    stage.archive = table.flag("archive");
    stage.rejectable = table.flag("rejectable");
    stage.refuse = table.texts("refuse");
    for (const std::string& kind : stage.refuse) {
        if (std::ranges::find(remark_kinds, kind) != remark_kinds.end()) continue;
        table.bad("refuse", fmt::format("a list of: {}", fmt::join(remark_kinds, ", ")));
    }
    table.nothing_else();
    return stage;
}

template <class Named>
void check_unique(const std::vector<Named>& all, std::string_view kind) {
    std::set<std::string> names;
    for (const Named& one : all) {
        if (!names.insert(one.name).second) {
            throw Error(fmt::format("there are two {}s called '{}'", kind, one.name));
        }
    }
}

void check_whole(const Configuration& configuration) {
    if (configuration.lines.empty()) throw Error("there is no [[line]]; at least one is needed");
    if (configuration.platforms.empty()) throw Error("there is no [[platform]]");
    check_unique(configuration.lines, "line");
    check_unique(configuration.platforms, "platform");
    check_unique(configuration.stages, "stage");
    check_unique(configuration.providers, "provider");
    for (const Provider& provider : configuration.providers) {
        for (const std::string& line : provider.lines) configuration.line(line);
    }
    const auto& stages = configuration.stages;
    const auto entries =
        std::count_if(stages.begin(), stages.end(), [](auto& s) { return s.entry; });
    const auto archives =
        std::count_if(stages.begin(), stages.end(), [](auto& s) { return s.archive; });
    if (entries != 1) throw Error("exactly one [[stage]] must have entry = true");
    if (archives != 1) throw Error("exactly one [[stage]] must have archive = true");
    if (configuration.entry_stage().archive) {
        throw Error("the [[stage]] with entry = true cannot have archive = true");
    }
    // The public tree has these directories beside the stages.
    static constexpr std::array reserved{"generations", "current", "keys", "client", "state"};
    for (const Stage& stage : stages) {
        if (std::find(reserved.begin(), reserved.end(), stage.name) != reserved.end()) {
            throw Error("a stage cannot be called '" + stage.name + "'");
        }
        for (const std::string& from : stage.from) configuration.stage(from);
        for (const std::string& from : stage.emergency_from) configuration.stage(from);
    }
    for (const Line& line : configuration.lines) {
        if (line.name == "releases") throw Error("a line cannot be called 'releases'");
    }
    for (const Platform& platform : configuration.platforms) {
        if (platform.name == "releases") throw Error("a platform cannot be called 'releases'");
    }
}

Configuration read_configuration(Settings table) {
    Configuration result;
    result.origin = table.text("origin", result.origin);
    if (result.origin.empty() || has_control_characters(result.origin, Text::line)) {
        table.bad("origin", "one line of text");
    }
    result.public_url = table.text("public_url");
    while (result.public_url.ends_with('/')) result.public_url.pop_back();
    if (!result.public_url.empty() &&
        (result.public_url.find("://") == std::string::npos ||
         has_control_characters(result.public_url) ||
         result.public_url.find_first_of(" ?#") != std::string::npos)) {
        table.bad("public_url", "a URL such as https://repo.example.org");
    }
    Settings signing = table.table("signing");
    result.signing_key = signing.text("key");
    result.signing_home = signing.text("home");
    signing.nothing_else();
    Settings keep = table.table("keep");
    result.keep_generations = std::chrono::hours(keep.number("generations_hours", 72));
    result.keep_metadata = std::chrono::hours(keep.number("metadata_hours", 72));
    result.keep_packages = std::chrono::hours(keep.number("packages_hours", 168));
    keep.nothing_else();
    Settings bundle = table.table("bundle");
    result.bundle_limits = read_limits<BundleLimits>(bundle.table("limits"), bundle_limit_settings);
    bundle.nothing_else();
    result.valid_for = std::chrono::days(table.number("valid_days", 14));
    result.base_packages = table.texts("base_packages", default_base_packages());
    for (Settings& line : table.tables("line")) result.lines.push_back(read_line(line));
    for (Settings& one : table.tables("platform")) result.platforms.push_back(read_platform(one));
    for (Settings& stage : table.tables("stage")) result.stages.push_back(read_stage(stage));
    if (result.stages.empty()) result.stages = default_stages();
    for (Settings& one : table.tables("provider")) result.providers.push_back(read_provider(one));
    table.table("bridge");  // read by those who follow a ticket system
    table.nothing_else();
    check_whole(result);
    return result;
}

constexpr std::string_view new_text =
    R"(# sluice.toml: the configuration of this depot. core/model/README.md explains every setting.

# Sites may pin on Origin (apt: "Pin: release o=..."): choose it once.
origin = "sluice"

# Where sites see the directory public/. Without it client files have no mirror list, and no https.
public_url = "{public_url}"

# Days until published metadata expires (apt's Valid-Until). `sluice refresh` renews it.
valid_days = 14

[signing]
key = "{key}"
home = "{home}"          # GnuPG home, relative to this file; "" means the user's own

[keep]                     # how long clients may still need what was superseded
generations_hours = 72     # dnf keeps a mirror list for up to 48 hours
metadata_hours = 72
packages_hours = 168

[[line]]
name = "{line}"
title = "{line}"
# "require": every RPM carries a good signature by a key in provider-keys/*.asc
# "allow-unsigned": unsigned RPMs are let in; a bad signature never is
signatures = "{signatures}"

[[platform]]
name = "el9"
format = "yum"
architectures = ["x86_64", "aarch64"]
aliases = ["SL9", "centos9", "rocky9", "alma9", "rhel9", "almalinux9"]
dist_tags = [".el9"]

[[platform]]
name = "debian12"
format = "apt"
architectures = ["amd64", "arm64"]
aliases = ["bookworm", "deb12"]
dist_tags = ["~deb12", "+deb12", "~bookworm"]
components = ["main"]
xz = false                 # also offer Packages.xz: smaller, but slow to make
contents = false           # also offer Contents, by which apt-file finds the package of a file

# The stages are unverified -> stage-rollout -> production -> deprecated unless [[stage]] tables
# say otherwise.
)";

}  // namespace

const Line& Configuration::line(std::string_view name) const {
    return find(lines, name, reason::unknown_line, "line");
}

const Platform& Configuration::platform(std::string_view name) const {
    return find(platforms, name, reason::unknown_platform, "platform");
}

const Stage& Configuration::stage(std::string_view name) const {
    return find(stages, name, reason::unknown_stage, "stage");
}

const Stage& Configuration::entry_stage() const {
    return *std::find_if(stages.begin(), stages.end(), [](const Stage& s) { return s.entry; });
}

const Stage& Configuration::archive_stage() const {
    return *std::find_if(stages.begin(), stages.end(), [](const Stage& s) { return s.archive; });
}

std::vector<Stage> default_stages() {
    Stage unverified{.name = "unverified", .from = {}, .emergency_from = {}};
    unverified.entry = true;
    unverified.rejectable = true;
    Stage rollout{.name = "stage-rollout", .from = {"unverified"}, .emergency_from = {}};
    rollout.rejectable = true;
    Stage production{
        .name = "production", .from = {"stage-rollout"}, .emergency_from = {"unverified"}};
    production.enabled = true;
    Stage deprecated{.name = "deprecated", .from = {"production"}, .emergency_from = {}};
    deprecated.archive = true;
    return {unverified, rollout, production, deprecated};
}

Configuration parse_configuration(std::string_view text, std::string_view file_name) {
    try {
        Settings settings = Settings::parse(text, file_name);
        return with_context(file_name, [&] { return read_configuration(std::move(settings)); });
    } catch (const Refused& refused) {
        throw Error(fmt::format("{}: {}; {}", file_name, refused.what(), refused.remedy()));
    }
}

std::string new_configuration(const NewConfiguration& choices) {
    return fmt::format(
        new_text, fmt::arg("public_url", choices.public_url), fmt::arg("key", choices.signing_key),
        fmt::arg("home", choices.signing_home), fmt::arg("line", choices.line),
        fmt::arg("signatures",
                 choices.signatures == SignaturePolicy::require ? "require" : "allow-unsigned"));
}

bool is_plain_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
           name.front() != '_' && std::all_of(name.begin(), name.end(), plain);
}

}  // namespace core
