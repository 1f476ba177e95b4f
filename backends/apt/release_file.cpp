// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/release_file.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <set>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

/// What people and configurations wrote, as the value of one line.
std::string one_line(std::string_view text) {
    return core::escaped(core::trimmed(text));
}

std::string description_of(const core::Composition& composition) {
    std::string text = fmt::format("{} {} for {}", composition.line.title, composition.stage.name,
                                   composition.platform.name);
    if (!composition.repository.release.empty()) {
        text += ": only " + composition.repository.release;
    }
    return one_line(text);
}

Listed parse_listed(std::string_view line) {
    const std::vector<std::string> parts = core::split(line, " ");
    if (parts.size() != 3) throw core::Error("Release: not a checksum line: " + std::string(line));
    Listed listed;
    listed.digest = core::Digest::parse(parts[0]);
    const auto size = core::whole_number(parts[1]);
    if (!size) throw core::Error("Release: not a size: " + parts[1]);
    listed.size = *size;
    listed.path = parts[2];
    const std::vector<std::string> steps = core::split(listed.path, "/");
    if (listed.path.starts_with('/') || std::count(steps.begin(), steps.end(), "..") > 0) {
        throw core::Error("Release: names a file outside the repository: " + listed.path);
    }
    return listed;
}

}  // namespace

std::string release_text(const core::Composition& composition, std::vector<Listed> listed) {
    const core::Platform& platform = composition.platform;
    std::string text;
    const auto field = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("{}: {}\n", name, value);
    };
    field("Origin", one_line(composition.origin));
    field("Label", one_line(composition.line.title));
    field("Suite", composition.stage.name);
    field("Codename", composition.line.name);
    field("Date", core::format_rfc2822(composition.date));
    field("Valid-Until", core::format_rfc2822(composition.valid_until));
    field("Acquire-By-Hash", "yes");
    if (!composition.stage.enabled) {
        // A site that adds such a stage gets nothing from it unless it asks, but keeps up with what
        // it asked for.
        field("NotAutomatic", "yes");
        field("ButAutomaticUpgrades", "yes");
    }
    field("Architectures", core::join(platform.architectures, " "));
    field("Components", core::join(platform.components, " "));
    field("Description", description_of(composition));
    std::sort(listed.begin(), listed.end(),
              [](const Listed& a, const Listed& b) { return a.path < b.path; });
    text += "SHA256:\n";
    for (const Listed& file : listed) {
        text += fmt::format(" {} {:>10} {}\n", file.digest.hex(), file.size, file.path);
    }
    return text;
}

ReleaseFile parse_release(std::string_view text) {
    ReleaseFile release;
    bool in_list = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) throw core::Error("Release: its last line is cut");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const auto colon = line.find(": ");
        if (line.starts_with(' ') && in_list) {
            release.listed.push_back(parse_listed(line));
        } else if (line == "SHA256:" && !in_list) {
            in_list = true;
        } else if (in_list || colon == std::string_view::npos || colon == 0 ||
                   !release.fields
                        .try_emplace(std::string(line.substr(0, colon)), line.substr(colon + 2))
                        .second) {
            throw core::Error("Release: not a field: " + core::escaped(line));
        }
    }
    if (!in_list) throw core::Error("Release: it lists no files");
    return release;
}

core::Time parse_rfc2822(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S UTC", &parts);
    const core::Time time{std::chrono::seconds(::timegm(&parts))};
    // Only what format_rfc2822 writes: this also finds a wrong day of the week.
    if (end == nullptr || *end != '\0' || core::format_rfc2822(time) != text) {
        throw core::Error("Release: not a date: " + core::escaped(text));
    }
    return time;
}

}  // namespace apt
